#![allow(unsafe_code)] // Fences: a join's second arm, which lives in the joining frame while others may run it.
//! How a join offers work.
//!
//! The second arm becomes a [`ForkJob`] in the caller's frame and is put on the fork deque of the calling thread;
//! the first arm runs at once. Afterwards the job is taken back and run here, or, if a thief has it, awaited.
//! Fork deques hold nothing but forks and are strictly last-in first-out, so the newest job is always the one of
//! the innermost join.

use super::worker::Worker;
use crate::panic::{self, Bomb, Payload};
use crate::queue::{
    Item,
    deque::{self, Steal},
};
use crate::sync::UnsafeCell;
use crate::task::latch::Latch;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr::{self, NonNull};

/// What thieves see of a job.
#[repr(C)]
struct JobHeader {
    /// Runs the arm, stores its result, completes the latch.
    run: unsafe fn(NonNull<JobHeader>),
    latch: Latch,
}

/// The second arm of a join.
#[repr(C)]
struct ForkJob<B, R> {
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
    fn new(arm: B) -> Self {
        Self {
            header: JobHeader {
                run: Self::run,
                latch: Latch::new(),
            },
            arm: UnsafeCell::new(ManuallyDrop::new(arm)),
            result: UnsafeCell::new(MaybeUninit::uninit()),
        }
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
    unsafe fn take_arm(&self) -> B {
        // SAFETY: by 1 nobody else touches the arm; `ManuallyDrop<B>` is laid out as `B`.
        self.arm.with_mut(|arm| unsafe { arm.cast::<B>().read() })
    }

    /// The owner takes the result of a job that a thief completed.
    ///
    /// # Safety
    /// 1. The latch is done, and the result has not been taken.
    unsafe fn take_result(&self) -> Result<R, Payload> {
        // SAFETY: by 1 the thief has written it and will not touch it again; it is read once. `MaybeUninit` of a type is
        // laid out as the type.
        self.result
            .with(|place| unsafe { place.cast::<Result<R, Payload>>().read() })
    }
}

/// The owner's end of a fork deque.
#[derive(Debug)]
pub(super) struct Forks(deque::Owner);

/// The other threads' end.
#[derive(Debug)]
pub(super) struct ForkStealer(deque::Stealer);

/// A job taken from another thread's fork deque.
#[must_use]
pub(super) struct StolenFork(NonNull<JobHeader>);

/// The answer to a look at a fork deque.
#[must_use]
pub(super) enum Stolen {
    Nothing,
    /// Another thread was faster; there may be more.
    Retry,
    Job(StolenFork),
}

impl Forks {
    pub(super) fn new() -> (Self, ForkStealer) {
        let (owner, stealer) = deque::deque(64);
        (Self(owner), ForkStealer(stealer))
    }
}

impl ForkStealer {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The oldest fork.
    pub(super) fn steal_oldest(&self) -> Stolen {
        Self::stolen(self.0.steal_oldest())
    }

    /// The oldest fork if it was made by the execution with this number.
    pub(super) fn steal_oldest_of(&self, execution: u64) -> Stolen {
        Self::stolen(self.0.steal_oldest_tagged(execution))
    }

    fn stolen(steal: Steal) -> Stolen {
        match steal {
            Steal::Empty => Stolen::Nothing,
            Steal::Retry => Stolen::Retry,
            // SAFETY: fork deques hold only what `offer` put there, which is not null.
            Steal::Taken(item) => Stolen::Job(StolenFork(unsafe {
                NonNull::new_unchecked(item.ptr.cast())
            })),
        }
    }
}

impl StolenFork {
    /// The latch that completing the job sets; valid while the job runs.
    pub(super) fn latch(&self) -> &Latch {
        // SAFETY: the job is live until its latch is complete, which only `run` does.
        unsafe { &self.0.as_ref().latch }
    }

    /// Runs the job.
    pub(super) fn run(self) {
        // SAFETY: the job is live until its latch is complete.
        let run = unsafe { (*self.0.as_ptr()).run };
        // SAFETY: 1. it came out of a deque, once; 2. `self` is gone after this call.
        unsafe { run(self.0) }
    }
}

/// Runs `a` here and offers `b` to others meanwhile; `b` is skipped if `stop` says so after `a` and nobody has begun
/// it.
///
/// If `a` panics, `b` is dropped if nobody has begun it and awaited otherwise, and then the panic resumes. Every
/// value that is not returned is dropped before.
pub(super) fn join_on<A, B, RA, RB>(
    worker: Worker<'_>,
    a: A,
    b: B,
    stop: impl FnOnce(&RA) -> bool,
) -> (RA, Option<RB>)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB + Send,
    RB: Send,
{
    let job = ForkJob::new(b);
    // From here to the end of the wait, others may hold a pointer into this frame.
    let bomb = Bomb("a join's second arm is on offer");
    worker.desk.forks.0.push_newest(Item {
        ptr: ptr::from_ref(&job).cast_mut().cast(),
        tag: worker.desk.execution.get(),
    });
    worker.posted_fork();
    let ra = panic::catch(a);
    match worker.desk.forks.0.pop_newest() {
        Some(item) => {
            assert!(
                ptr::eq(item.ptr.cast_const(), ptr::from_ref(&job).cast()),
                "fork deque out of order"
            );
            bomb.defuse();
            // SAFETY: 1. the job has just been popped, and was pushed once.
            let b = unsafe { job.take_arm() };
            match ra {
                Ok(ra) if stop(&ra) => {
                    skip(b);
                    (ra, None)
                }
                Ok(ra) => match panic::catch(b) {
                    Ok(rb) => (ra, Some(rb)),
                    Err(payload) => resume_after(payload, ra),
                },
                Err(payload) => resume_after(payload, b),
            }
        }
        None => {
            worker.wait_for(&job.header.latch);
            bomb.defuse();
            // SAFETY: 1. the latch is done; the job was stolen and run once.
            let rb = unsafe { job.take_result() };
            match (ra, rb) {
                (Ok(ra), Ok(rb)) => (ra, Some(rb)),
                // The leftmost failure wins: an error of `a` before a panic of `b`.
                (Ok(ra), Err(payload)) if stop(&ra) => {
                    panic::discard(payload);
                    (ra, None)
                }
                (Ok(ra), Err(payload)) => resume_after(payload, ra),
                (Err(payload), Ok(rb)) => resume_after(payload, rb),
                (Err(first), Err(second)) => {
                    panic::discard(second);
                    std::panic::resume_unwind(first)
                }
            }
        }
    }
}

/// The same on a thread that has no fork deque: one arm after the other.
pub(super) fn join_alone<A, B, RA, RB>(
    a: A,
    b: B,
    stop: impl FnOnce(&RA) -> bool,
) -> (RA, Option<RB>)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB,
{
    match panic::catch(a) {
        Ok(ra) if stop(&ra) => {
            skip(b);
            (ra, None)
        }
        Ok(ra) => match panic::catch(b) {
            Ok(rb) => (ra, Some(rb)),
            Err(payload) => resume_after(payload, ra),
        },
        Err(payload) => resume_after(payload, b),
    }
}

/// Drops an arm that will not run. It counts as not started, so a panic of its destructor is to the right of the
/// failure that skipped it, and loses.
fn skip<T>(arm: T) {
    if let Err(payload) = panic::drop_caught(arm) {
        panic::discard(payload);
    }
}

/// Drops what is left over, so that a second panic cannot abort the process, and resumes the first.
fn resume_after<T>(payload: Payload, left_over: T) -> ! {
    skip(left_over);
    std::panic::resume_unwind(payload)
}
