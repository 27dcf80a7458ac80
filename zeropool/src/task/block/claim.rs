#![allow(unsafe_code)] // Fences: the erased task, which whoever holds the claim may run or drop; the group it tells.
//! The right to run or cancel a task, and what becomes of it: the outcome is settled, then the group hears of the end.

use super::{Group, TaskRef};
use crate::panic::Bomb;
use crate::task::context::Context;
use crate::task::counts::ScopeCounts;
use crate::task::group::ScopeGroup;
use crate::task::latch::Latch;
use crate::task::state::{Outcome, Settled};
use crate::task::waker::StoredWaker;
use std::ptr::NonNull;

/// The right to run or cancel one task. Dropping it without doing either would leave its waiters waiting.
#[must_use]
pub(crate) struct Claim<'t> {
    pub(super) task: &'t TaskRef,
    /// There is no other reference.
    pub(super) sole: bool,
    /// The calling thread is the owner of the task's scope, at home.
    pub(super) by_owner: bool,
}

/// A thread that counts as active in a scope: it has run a task of it and will either begin another one at once or
/// say that it does not. The scope does not end before.
#[must_use]
pub(crate) struct Active(Option<NonNull<ScopeGroup>>);

impl Active {
    /// Active in no scope.
    pub(crate) fn nobody() -> Self {
        Self(None)
    }

    /// The thread is no longer active in the scope, if it was.
    pub(crate) fn release(&mut self) {
        if let Some(scope) = self.0.take() {
            // SAFETY: the scope counts us, and so lives.
            let counts = unsafe { &raw const (*scope.as_ptr()).counts };
            // SAFETY: 1. the scope counts us until this call; 2. nothing of it is touched afterwards.
            unsafe { ScopeCounts::left(counts) };
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.release();
    }
}

impl<'t> Claim<'t> {
    pub(crate) fn task(&self) -> &'t TaskRef {
        self.task
    }

    /// Runs the task here; the claim came from [`TaskRef::try_start`]. Everything of it that no handle will take is
    /// dropped before its group hears of it. A waker is left in the context, to be woken when the execution is over.
    pub(crate) fn run(self, cx: &mut Context<'_>) -> Active {
        let bomb = Bomb("running a task");
        let header = self.task.header();
        let (vtable, group, by_owner) = (header.vtable, header.group, self.by_owner);
        if self.sole {
            self.run_alone(cx);
        } else {
            // SAFETY: 1. the vtable was made for this block's type; 2. we hold the claim.
            let outcome = unsafe { (vtable.run)(self.task.0, cx) };
            if outcome == Outcome::Panic {
                // Before anybody can know of it, so that the counts are exact once all tasks have ended.
                cx.count_panic();
            }
            if let Some(waker) = self.finish(outcome) {
                cx.owe(waker);
            }
        }
        bomb.defuse();
        match group {
            Group::Scope(scope) if !by_owner => Active(Some(scope)),
            Group::Scope(_) | Group::Pool(_) => Active(None),
        }
    }

    /// As [`Claim::run`], for a task that [is the caller's alone](Claim::is_sole_of_owner), by the owner of its scope.
    #[inline(always)]
    pub(crate) fn run_by_owner(self, cx: &mut Context<'_>) {
        let bomb = Bomb("running a task");
        self.run_alone(cx);
        bomb.defuse();
    }

    #[inline(always)]
    fn run_alone(self, cx: &mut Context<'_>) {
        let vtable = self.task.header().vtable;
        // SAFETY: 1. the vtable was made for this block's type; 2. we hold the claim, and nobody wants the value.
        if let Err((outcome, payload)) = unsafe { (vtable.run_alone)(self.task.0, cx) } {
            if outcome == Outcome::Panic {
                // As in `run`.
                cx.count_panic();
            }
            self.task.store_panic(payload);
        }
        self.tell_group();
    }

    /// True if the task is the caller's alone, whose scope's owner is running it.
    pub(crate) fn is_sole_of_owner(&self) -> bool {
        self.sole && self.by_owner
    }

    /// Ends the task without running it.
    pub(crate) fn cancel(self) {
        let bomb = Bomb("cancelling a task");
        let vtable = self.task.header().vtable;
        // SAFETY: 1. the vtable was made for this block's type; 2. we hold the claim, and the task has not run.
        if let Err(payload) = unsafe { (vtable.drop_task)(self.task.0) } {
            self.task.store_panic(payload);
        }
        let waker = self.finish(Outcome::Cancelled);
        bomb.defuse();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn finish(self, outcome: Outcome) -> Option<StoredWaker> {
        let task = self.task;
        let group = task.header().group;
        if let (Outcome::Panic, Group::Scope(scope)) = (outcome, group) {
            // SAFETY: the scope lives until the task has ended. Counted before the handle can see the outcome.
            unsafe { scope.as_ref() }.panic_left_for_handle();
        }
        let waker = match task.state().settle(outcome) {
            // SAFETY: 1. our reference keeps the latch live during the call; 2. it also does afterwards.
            Settled::HandleTakes => unsafe { Latch::complete_awaited(task.latch()) },
            Settled::CallerDrops => {
                task.dispose(outcome);
                None
            }
        };
        self.tell_group();
        waker
    }

    /// The task has ended; whatever of it was the claimer's to drop is dropped.
    #[inline(always)]
    fn tell_group(self) {
        match self.task.header().group {
            Group::Scope(scope) if self.by_owner => {
                // SAFETY: the scope lives until its owner, who is here, ends it.
                unsafe { scope.as_ref() }.counts.ended_by_owner();
            }
            Group::Scope(scope) => {
                // SAFETY: the scope lives while the task is pending.
                let counts = unsafe { &raw const (*scope.as_ptr()).counts };
                // SAFETY: 1. the task is pending until this call; 2. nothing of the scope's is touched after it, unless the
                // thread counts as active: the caller has only its reference to the block, which belongs to the pool.
                unsafe { ScopeCounts::ended(counts) };
            }
            // SAFETY: the pool outlives its tasks, and the executing thread keeps it alive.
            Group::Pool(pool) => unsafe { pool.as_ref() }.ended(),
        }
    }
}
