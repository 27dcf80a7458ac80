//! A pool in the child of a fork.
//!
//! A fork copies memory and one thread. The child's copy of a pool has queues, locks and sleepers in whatever state they were, and none
//! of its threads. So the child leaves that copy alone:
//!
//! * **New work** goes to an *heir*, a registry that the copy makes on first use, without threads. Every way to a registry from
//!   outside passes [`Registry::here`]. What is put into an heir's queues is run at once by the thread that put it there
//!   ([`Registry::run_queued`]); a task that spawns leaves its tasks to the loop that runs it, so recursion does not grow the stack.
//! * **Old work**, what was pending when the process forked, belongs to the parent. The child never runs or drops it, not even if what
//!   it borrows is gone: nothing takes entries out of the copy's queues to run them ([`Registry::is_forked`] is asked first). Waiting
//!   for it ends at once: handles say `Cancelled`, scopes end.
//! * The thread that forks may be at work for the pool, in a task, a join or a scope. Its frames are whole, so it goes on: forks that it
//!   has on offer come back, tasks it spawns in an open scope run at once. A join whose second arm another thread had taken panics, as the
//!   result will be in the parent only. A worker thread that returns from its task has nothing left to do and ends.
//!
//! Locks of the copy are not taken, as their owners may be gone.

use super::config::Hooks;
use super::current;
use super::registry::Registry;
use super::sleep::Places;
use super::sole::Sole;
use crate::sync::{Ordering::Relaxed, process};
use crate::task::block::TaskRef;
use std::sync::{Arc, OnceLock};

/// No process has this number.
const NOWHERE: u64 = u64::MAX;

/// Where a registry comes from.
pub(super) struct Origin {
    /// The process that built it.
    process: u64,
    /// The same, or [`NOWHERE`] if it was made in the child of a fork and has no threads.
    ordinary_in: u64,
    /// Who runs what is queued in a registry without threads.
    sole: Sole,
    /// What stands for it in another process.
    heir: OnceLock<Arc<Registry>>,
}

impl Origin {
    /// Of a pool that is being built.
    pub(super) fn built() -> Self {
        let process = process::current();
        Self {
            process,
            ordinary_in: process,
            sole: Sole::new(),
            heir: OnceLock::new(),
        }
    }

    fn inherited() -> Self {
        Self {
            ordinary_in: NOWHERE,
            ..Self::built()
        }
    }

    /// It has threads, and they are in this process.
    #[inline]
    pub(super) fn is_ordinary(&self) -> bool {
        process::is(self.ordinary_in)
    }
}

impl Registry {
    /// True in a child: what is in the registry belongs to the parent, and its threads are gone.
    #[inline]
    pub(crate) fn is_forked(&self) -> bool {
        !process::is(self.origin.process)
    }

    /// The registry to use in this process: this one, or after a fork its heir.
    #[inline]
    pub(super) fn here(self: &Arc<Self>) -> &Arc<Self> {
        if self.is_forked() { self.heir() } else { self }
    }

    #[cold]
    fn heir(&self) -> &Arc<Self> {
        let heir = &self.origin.heir;
        if heir.get().is_none() {
            let new = Self::with_origin(
                self.workers,
                self.forking,
                self.buffers.clone(),
                Hooks::none(),
                self.owned.panic_handler(),
                self.submission.without_bound(),
                Origin::inherited(),
            );
            // Ordering: Relaxed; nobody else has it yet.
            new.closed.store(self.is_closed(), Relaxed);
            // The first one stays. Not made inside `get_or_init`: others would wait for a thread that a further fork may lose. (`set`
            // alone takes nanoseconds; a fork by another thread within them would leave the grandchild waiting.)
            let _ = heir.set(new);
        }
        match heir.get() {
            // Of a further fork, perhaps.
            Some(heir) => heir.here(),
            None => unreachable!("set above"),
        }
    }

    /// Runs all queued tasks, unless a thread is at it already: another one, or this one further out.
    fn run_queued(self: &Arc<Self>) {
        let work_off = || {
            self.with_desk(|worker| {
                let desk = worker.map(|worker| worker.index());
                // A task may fork; in that child what is left belongs to this process.
                while !self.is_forked()
                    && let Some(mut task) = self.take_queued()
                {
                    if let Some(claim) = task.try_start(desk) {
                        match worker {
                            Some(worker) => drop(worker.run_claim(claim)),
                            None => self.run_without_desk(claim),
                        }
                    }
                }
            });
        };
        // `has_tasks` sees none after a further fork.
        self.origin.sole.added(|| !self.has_tasks(), work_off);
    }

    /// As `queue`, in a registry that is not an ordinary one.
    #[cold]
    pub(super) fn queue_after_fork(self: &Arc<Self>, mut task: TaskRef) {
        if self.is_forked() {
            // Spawned in a scope that was open when the process forked.
            if let Some(claim) = task.try_start(None) {
                current::enter_without_desk(self, || self.run_without_desk(claim));
            }
        } else {
            self.injector.push(task);
            self.requeued_after_fork();
        }
    }

    /// After something was put into the queues of a registry that is not an ordinary one.
    #[cold]
    pub(super) fn requeued_after_fork(self: &Arc<Self>) {
        if !self.is_forked() {
            self.run_queued();
        }
    }
}
