#![allow(unsafe_code)] // Fences: a join's second arm, which lives in the joining frame while others may run it.
//! The second arm of a join as a job that another thread may run.

use crate::panic::{self, Bomb, Payload};
use crate::queue::Item;
use crate::sync::UnsafeCell;
use crate::task::latch::Latch;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr::{self, NonNull};

/// What thieves see of a job.
#[repr(C)]
pub(super) struct JobHeader {
    /// Runs the arm, stores its result, completes the latch.
    run: unsafe fn(NonNull<JobHeader>),
    latch: Latch,
}

/// The second arm of a join.
#[repr(C)]
pub(super) struct ForkJob<B, R> {
    header: JobHeader,
    /// Moved out by whoever runs or drops the arm: the owner if it popped the job, else the thief.
    arm: UnsafeCell<ManuallyDrop<B>>,
    /// Written by the thief before the latch is complete, read by the owner after.
    result: UnsafeCell<MaybeUninit<Result<R, Payload>>>,
}

impl<B, R> ForkJob<B, R>
where
    B: FnOnce() -> R + Send,
    R: Send,
{
    pub(super) fn new(arm: B) -> Self {
        Self {
            header: JobHeader {
                run: Self::run,
                latch: Latch::new(),
            },
            arm: UnsafeCell::new(ManuallyDrop::new(arm)),
            result: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// What goes on the deque: the job's address, and the execution that made it.
    pub(super) fn item(&self, execution: u64) -> Item {
        Item {
            ptr: ptr::from_ref(self).cast_mut().cast(),
            tag: execution,
        }
    }

    /// Is this the job behind `item`?
    pub(super) fn is(&self, item: Item) -> bool {
        ptr::eq(item.ptr.cast_const(), ptr::from_ref(self).cast())
    }

    /// Complete once a thief has run the arm.
    pub(super) fn latch(&self) -> &Latch {
        &self.header.latch
    }

    /// The thief's side.
    ///
    /// # Safety
    /// 1. `header` begins a live `ForkJob<B, R>` that the caller took out of a deque; nobody else runs it.
    /// 2. The caller touches nothing of the job afterwards.
    unsafe fn run(header: NonNull<JobHeader>) {
        let bomb = Bomb("running a stolen arm");
        let job = header.cast::<Self>().as_ptr();
        // SAFETY: by 1 the job is live; its owner waits for the latch.
        let arm_cell = unsafe { &(*job).arm };
        // SAFETY: by 1 the arm is ours to move out, once; `ManuallyDrop<B>` is laid out as `B`.
        let arm = arm_cell.with_mut(|arm| unsafe { arm.cast::<B>().read() });
        // The arm and all it captured are gone when this returns, before completion is signalled.
        let result = panic::catch(arm);
        #[cfg(zeropool_broken = "fork_complete_early")]
        // Broken on purpose: the owner may leave, and its frame be gone, before the result is there.
        unsafe {
            Latch::complete(&raw const (*job).header.latch);
        }
        // SAFETY: as above.
        let result_cell = unsafe { &(*job).result };
        // SAFETY: the owner reads the result only after completion.
        result_cell.with_mut(|place| unsafe { place.write(MaybeUninit::new(result)) });
        // SAFETY: the place is in bounds of a live job; no reference is made.
        let latch = unsafe { &raw const (*job).header.latch };
        // SAFETY: 1. live up to this call; 2. by 2.
        unsafe { Latch::complete(latch) };
        bomb.defuse();
    }

    /// The owner takes the arm of a job it popped.
    ///
    /// # Safety
    /// 1. The job is not, and never will be again, in a deque; nobody has run it.
    pub(super) unsafe fn take_arm(&self) -> B {
        // SAFETY: by 1 nobody else touches the arm; `ManuallyDrop<B>` is laid out as `B`.
        self.arm.with_mut(|arm| unsafe { arm.cast::<B>().read() })
    }

    /// The owner takes the result of a job that a thief completed.
    ///
    /// # Safety
    /// 1. The latch is done, and the result has not been taken.
    pub(super) unsafe fn take_result(&self) -> Result<R, Payload> {
        // SAFETY: by 1 the thief has written it and will not touch it again; it is read once. `MaybeUninit` of a type is
        // laid out as the type.
        self.result
            .with(|place| unsafe { place.cast::<Result<R, Payload>>().read() })
    }
}

/// A job taken from another thread's fork deque.
#[must_use]
pub(in crate::runtime) struct StolenFork(NonNull<JobHeader>);

impl StolenFork {
    /// The job behind an item of a fork deque.
    ///
    /// # Safety
    /// 1. [`ForkJob::item`] made the item, and the caller has just taken it out of a deque.
    pub(super) unsafe fn from_item(item: Item) -> Self {
        // SAFETY: by 1 it is the address of a job, which is not null.
        Self(unsafe { NonNull::new_unchecked(item.ptr.cast()) })
    }

    /// The latch that completing the job sets; valid while the job runs.
    pub(in crate::runtime) fn latch(&self) -> &Latch {
        // SAFETY: the job is live until its latch is complete, which only `run` does.
        unsafe { &self.0.as_ref().latch }
    }

    /// Runs the job.
    pub(in crate::runtime) fn run(self) {
        // SAFETY: the job is live until its latch is complete.
        let run = unsafe { (*self.0.as_ptr()).run };
        // SAFETY: 1. it came out of a deque, once; 2. `self` is gone after this call.
        unsafe { run(self.0) }
    }
}

#[cfg(all(test, zeropool_loom))]
pub(super) mod model {
    //! The owner's side for models, which promise by their form what `join` promises.
    use super::*;

    /// The arm of a job that has just been popped.
    pub(in super::super) fn take_arm<B, R>(job: &ForkJob<B, R>) -> B
    where
        B: FnOnce() -> R + Send,
        R: Send,
    {
        // SAFETY: 1. the caller has popped it.
        unsafe { job.take_arm() }
    }

    /// The result of a job whose latch is done.
    pub(in super::super) fn take_result<B, R>(job: &ForkJob<B, R>) -> R
    where
        B: FnOnce() -> R + Send,
        R: Send,
    {
        // SAFETY: 1. the caller has seen the latch done.
        match unsafe { job.take_result() } {
            Ok(result) => result,
            Err(payload) => std::panic::resume_unwind(payload),
        }
    }
}
