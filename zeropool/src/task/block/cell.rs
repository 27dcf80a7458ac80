#![allow(unsafe_code)] // Fences: the body of a block as what its vtable says it holds.
//! The cell of one type of tasks, and the functions that know the type.

use super::Header;
use crate::panic::{self, Payload};
use crate::task::context::Context;
use crate::task::definition::{Priority, Task};
use crate::task::state::Outcome;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// A panic, and how far the task had come.
pub(super) type Failure = (Outcome, Payload);

/// The monomorphic functions of one task type.
///
/// Each takes the header of a block that holds that type (1), and is called by the one who may touch `body`
/// (2); see the table above.
pub(super) struct VTable {
    /// Moves the task out, runs it, and writes the value or the payload.
    pub(super) run: unsafe fn(NonNull<Header>, &mut Context<'_>) -> Outcome,
    /// Moves the task out, runs it, and drops the value. A failure is that of the task, or of its value's destructor.
    pub(super) run_alone: unsafe fn(NonNull<Header>, &mut Context<'_>) -> Result<(), Failure>,
    /// Drops a task that will not run.
    pub(super) drop_task: unsafe fn(NonNull<Header>) -> Result<(), Payload>,
    /// Drops a value that nobody takes.
    pub(super) drop_value: unsafe fn(NonNull<Header>) -> Result<(), Payload>,
    /// Where the value and the payload lie.
    pub(super) body: unsafe fn(NonNull<Header>) -> NonNull<()>,
    pub(super) name: &'static str,
    pub(super) priority: Priority,
}

#[repr(C)]
pub(super) union Body<T: Task> {
    pub(super) task: ManuallyDrop<T>,
    value: ManuallyDrop<T::Output>,
    payload: ManuallyDrop<Payload>,
}

#[repr(C)]
pub(super) struct Cell<T: Task> {
    pub(super) header: Header,
    pub(super) body: Body<T>,
}

impl<T: Task> Cell<T> {
    pub(super) const VTABLE: VTable = VTable {
        run: Self::run,
        run_alone: Self::run_alone,
        drop_task: Self::drop_task,
        drop_value: Self::drop_value,
        body: Self::body_erased,
        name: T::NAME,
        priority: T::PRIORITY,
    };

    /// # Safety
    /// 1. `header` begins a live `Cell<T>`.
    pub(super) unsafe fn body(header: NonNull<Header>) -> *mut Body<T> {
        let cell = header.cast::<Self>().as_ptr();
        // SAFETY: by obligation 1 the whole cell is in bounds; no reference is made.
        unsafe { &raw mut (*cell).body }
    }

    /// # Safety
    /// 1. As for [`Cell::body`].
    unsafe fn body_erased(header: NonNull<Header>) -> NonNull<()> {
        // SAFETY: 1 is the caller's.
        let body = unsafe { Self::body(header) };
        // SAFETY: a place inside a live cell is not null.
        unsafe { NonNull::new_unchecked(body.cast()) }
    }

    /// # Safety
    /// As said at [`VTable`].
    unsafe fn run(header: NonNull<Header>, cx: &mut Context<'_>) -> Outcome {
        // SAFETY: (1) of `VTable`.
        let body = unsafe { Self::body(header) };
        // SAFETY: (2) of `VTable`: the claimer moves the task out, once, before it runs.
        let task = unsafe { body.cast::<T>().read() };
        match panic::catch(|| task.run(cx)) {
            Ok(value) => {
                // SAFETY: the claimer owns `body`, which is empty now; a union field begins where the union does.
                unsafe { body.cast::<T::Output>().write(value) };
                Outcome::Value
            }
            Err(payload) => {
                // SAFETY: as above.
                unsafe { body.cast::<Payload>().write(payload) };
                Outcome::Panic
            }
        }
    }

    /// # Safety
    /// As said at [`VTable`].
    unsafe fn run_alone(header: NonNull<Header>, cx: &mut Context<'_>) -> Result<(), Failure> {
        // SAFETY: (1) of `VTable`.
        let body = unsafe { Self::body(header) };
        // SAFETY: (2) of `VTable`: the claimer moves the task out, once, before it runs.
        let task = unsafe { body.cast::<T>().read() };
        let mut reached = Outcome::Panic;
        panic::catch(|| {
            let value = task.run(cx);
            reached = Outcome::Value;
            drop(value);
        })
        .map_err(|payload| (reached, payload))
    }

    /// # Safety
    /// As said at [`VTable`], the task not having been moved out.
    unsafe fn drop_task(header: NonNull<Header>) -> Result<(), Payload> {
        // SAFETY: (1) of `VTable`.
        let body = unsafe { Self::body(header) };
        // SAFETY: (2) of `VTable`: the claimer moves the task out, once.
        let task = unsafe { body.cast::<T>().read() };
        panic::drop_caught(task)
    }

    /// # Safety
    /// As said at [`VTable`], the outcome being a value nobody has taken.
    unsafe fn drop_value(header: NonNull<Header>) -> Result<(), Payload> {
        // SAFETY: (1) of `VTable`.
        let body = unsafe { Self::body(header) };
        // SAFETY: (2) of `VTable`: the owner of the outcome moves it out, once.
        let value = unsafe { body.cast::<T::Output>().read() };
        panic::drop_caught(value)
    }
}
