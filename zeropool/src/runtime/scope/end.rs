#![allow(unsafe_code)] // Fences: the promise that a task's scope has not ended when the task is put on its list.
//! The end of a scope: its caller runs what is left of it, and waits for what others have begun.

use super::Scope;
use crate::runtime::current;
use crate::runtime::owner::Owner;
use crate::runtime::registry::Registry;
use crate::runtime::worker::{Linger, Worker};
use crate::task::group::ScopeGroup;
use std::cell::Cell;
use std::sync::Arc;

impl Scope<'_, '_> {
    /// The end of the scope: runs and awaits what is left.
    pub(super) fn wait_all(&self, mark: u64) {
        // In the child of a fork, what is pending is the parent's, and nobody here will run it.
        if self.group.counts.load().is_over() || self.registry.is_forked() {
            return;
        }
        self.registry.with_desk(|worker| {
            Waiter {
                group: &self.group,
                registry: &self.registry,
                worker,
                mark,
                seat: Cell::new(false),
            }
            .wait();
        });
    }
}

/// The floor of a desk's deque of spawned tasks, for as long as a scope is at home there.
pub(super) struct Floor<'a> {
    worker: Worker<'a>,
    mark: u64,
    outer: u64,
}

impl<'a> Floor<'a> {
    pub(super) fn raise(worker: Worker<'a>) -> Self {
        let mark = worker.desk.spawns.mark();
        worker.desk.homes.set(worker.desk.homes.get() + 1);
        Self {
            worker,
            mark,
            outer: worker.desk.floor.replace(mark),
        }
    }

    pub(super) fn mark(&self) -> u64 {
        self.mark
    }
}

impl Drop for Floor<'_> {
    /// The scope has ended. Entries of tasks that their handles have claimed go.
    fn drop(&mut self) {
        let Worker { registry, desk } = self.worker;
        desk.floor.set(self.outer);
        desk.homes.set(desk.homes.get() - 1);
        if registry.is_forked() {
            return;
        }
        while let Some(task) = desk.spawns.pop_newest_above(self.mark) {
            if !task.is_claimed() {
                desk.spawns.push_newest(task);
                // A worker that looked while the task was in our hands may have gone to sleep.
                registry.posted();
                break;
            }
            task.drop_into(&desk.blocks);
        }
    }
}

/// The scope's caller, waiting.
struct Waiter<'a> {
    group: &'a ScopeGroup,
    registry: &'a Arc<Registry>,
    /// `None` if every guest desk is taken.
    worker: Option<Worker<'a>>,
    /// Where the scope's tasks begin in its home deque.
    mark: u64,
    /// The seat of a caller without a desk.
    seat: Cell<bool>,
}

impl Waiter<'_> {
    fn take_seat(&self) -> bool {
        match self.worker {
            Some(worker) => worker.take_seat(),
            None => {
                if !self.seat.get() {
                    self.seat.set(self.registry.sleep.try_seat());
                }
                self.seat.get()
            }
        }
    }

    fn wait(&self) {
        let owner = Owner {
            sleep: &self.registry.sleep,
            counts: &self.group.counts,
            slot: self.worker.map(|worker| worker.index()),
        };
        let mut linger = Linger::new();
        // Tasks taken out of the scope's list and not looked at yet.
        let mut mine = self.group.unclaimed.take_all();
        while !self.group.counts.load().is_over() && !self.registry.is_forked() {
            // One of the tasks may be making a broadcast; see `wait.rs`.
            if self.worker.is_some_and(|worker| worker.answer_call()) {
                linger = Linger::new();
                continue;
            }
            if owner.may_work(|| self.take_seat()) {
                if self.run_from_home() {
                    linger = Linger::new();
                    continue;
                }
                let next = mine.next().or_else(|| {
                    mine = self.group.unclaimed.take_all();
                    mine.next()
                });
                if let Some(task) = next {
                    if self.registry.run_here(self.worker, &task) {
                        linger = Linger::new();
                    }
                    continue;
                }
            }
            if !linger.again() {
                // Put back what could not be run for want of a seat, so that the look before sleeping sees one list.
                for task in mine.by_ref() {
                    self.group.unclaimed.push(task);
                }
                self.give_seat_back();
                owner.sleep(
                    || !self.group.unclaimed.is_empty() || self.has_at_home(),
                    || self.take_seat(),
                    || current::park(self.group.counts.owner(), None),
                );
            }
        }
    }

    /// The desk at which the scope is at home.
    fn home(&self) -> Option<Worker<'_>> {
        self.worker
            .filter(|worker| self.group.is_home(worker.index()))
    }

    fn has_at_home(&self) -> bool {
        self.home()
            .is_some_and(|worker| worker.desk.spawns.has_above(self.mark))
    }

    /// Runs the tasks of the scope that lie in its home deque, newest first: all of them as long as the thread has its seat,
    /// else one. False if there were none.
    ///
    /// The tasks that this thread has spawned into the scope are in no list: they lie on the thread's own deque, at `mark` or
    /// above, unless a thief has taken them, which then runs them. Nothing below the mark is popped while the scope lasts, so
    /// none of them can come to lie there. (A sweep may lift what lies below the mark above it: then it is a stranger.) Among them may be entries whose task a handle has claimed, and strangers: tasks of
    /// other scopes, and owned ones. Strangers must not run here, and must not hide what lies below them, so they move to the
    /// injector. A stranger that was at home here belongs to an outer scope of this thread, which will not find it on the
    /// deque any more, and so lists it.
    fn run_from_home(&self) -> bool {
        let Some(worker) = self.home() else {
            return false;
        };
        let (registry, desk) = (self.registry, worker.desk);
        let mut ran = false;
        while let Some(mut task) = desk.spawns.pop_newest_above(self.mark) {
            if task.is_of(self.group) {
                let active = task.try_start(Some(desk.index)).map(|claim| {
                    worker.slot().counters.inline.bump();
                    worker.run_claim(claim)
                });
                task.drop_into(&desk.blocks);
                ran |= active.is_some();
                // A task may have lost the seat, or forked the process, and in the lanes there may be a call.
                if ran && (!desk.seated.get() || registry.lanes.any() || registry.is_forked()) {
                    break;
                }
            } else if !task.is_claimed() {
                if cfg!(zeropool_broken = "scope_stops_at_stranger") {
                    desk.spawns.push_newest(task);
                    break;
                }
                if task.is_at_home() && !cfg!(zeropool_broken = "scope_lists_no_stranger") {
                    // SAFETY: 1. it was spawned here by the owner of its scope, on whose deque it lay: by this thread. The task
                    // has not ended, so the scope is one that encloses this one.
                    unsafe { task.list() };
                }
                registry.injector.push(task);
                // A worker that looked while the task was in our hands may have gone to sleep.
                registry.posted();
            }
        }
        ran
    }

    fn give_seat_back(&self) {
        if self.seat.replace(false) {
            self.registry.sleep.release_seat(&**self.registry);
        }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.give_seat_back();
    }
}
