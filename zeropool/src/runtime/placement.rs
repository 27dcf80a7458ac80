//! Where a spawned task goes that is urgent, can wait, or has a hint; whom that wakes.

use super::lanes::{Caller, Lane};
use super::options::SpawnOptions;
use super::registry::Registry;
use crate::task::Priority;
use crate::task::block::TaskRef;
use std::sync::Arc;

/// So many tasks more than the worker with the fewest may wait for a worker that hints name.
const AHEAD_MAX: usize = 4;

/// Who may run what was queued, and so who is to be told.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub(super) enum Posted {
    /// Any worker.
    Anywhere,
    /// Any worker, and an exchange has put it there: see [`Sleep::posted_by_exchange`](super::sleep::Sleep::posted_by_exchange).
    ByExchange,
    /// Any worker, but rather this one.
    Near(usize),
    /// This worker only.
    Call(usize),
}

/// Where tasks of this priority go that have no hint; `None` is the usual way.
#[inline]
fn lane_of(priority: Priority) -> Option<Lane> {
    match priority {
        Priority::Normal => None,
        Priority::High => Some(Lane::High),
        Priority::Low => Some(Lane::Low),
    }
}

impl Registry {
    /// Queues a task by its priority alone. `priority` is a constant where this is called, so tasks of normal priority cost
    /// nothing more.
    #[inline]
    pub(super) fn queue_as(
        self: &Arc<Self>,
        priority: Priority,
        task: TaskRef,
    ) -> Result<Posted, TaskRef> {
        self.queue(lane_of(priority), task)
    }

    /// As [`Registry::queue_as`], but a task for which there is no room comes back whatever the pool's builder was told.
    pub(super) fn try_queue_as(
        self: &Arc<Self>,
        priority: Priority,
        task: TaskRef,
    ) -> Result<Posted, TaskRef> {
        self.try_queue(lane_of(priority), task)
    }

    /// Queues a task by its options; `own` is the priority of its type.
    pub(super) fn queue_with(
        self: &Arc<Self>,
        options: SpawnOptions,
        own: Priority,
        task: TaskRef,
    ) -> Result<Posted, TaskRef> {
        let priority = options.priority_or(own);
        if let (Priority::Normal, Some(worker)) = (priority, options.worker()) {
            if self.has_room(worker) {
                self.queue_in(Lane::Mail(worker), task);
                return Ok(Posted::Near(worker));
            }
            self.count(|counters| &counters.overflowed);
        }
        self.queue_as(priority, task)
    }

    /// Queues a share of a broadcast, which only this worker may run.
    pub(super) fn queue_call(
        self: &Arc<Self>,
        worker: usize,
        caller: Caller,
        task: TaskRef,
    ) -> Posted {
        self.queue_in(Lane::Calls(worker, caller), task);
        Posted::Call(worker)
    }

    #[inline(never)]
    fn queue_in(self: &Arc<Self>, lane: Lane, task: TaskRef) {
        if !self.origin.is_ordinary() {
            return self.queue_after_fork(task);
        }
        self.lanes.push(lane, task);
    }

    /// Is there such a worker, and does not much more wait for it than for others?
    fn has_room(&self, worker: usize) -> bool {
        if worker >= self.workers {
            return false;
        }
        let mail = self.lanes.len(Lane::Mail(worker));
        if self.submission.is_full(mail) {
            return false;
        }
        let load = self.load(worker);
        // The others are looked at only if there is need.
        load <= AHEAD_MAX || (0..self.workers).all(|other| load <= self.load(other) + AHEAD_MAX)
    }

    /// How much waits for a worker: tasks that are queued there, and the one it is at.
    fn load(&self, worker: usize) -> usize {
        let slot = &self.slots[worker];
        self.lanes.len(Lane::Mail(worker)) + slot.spawns.len() + usize::from(slot.is_busy())
    }

    /// After a task was queued: tells whoever should know.
    #[inline]
    pub(super) fn tell(&self, posted: Posted) {
        match posted {
            Posted::Anywhere => self.posted(),
            Posted::ByExchange => self.sleep.posted_by_exchange(self),
            Posted::Near(worker) => self.sleep.posted_near(worker, self),
            Posted::Call(worker) => self.sleep.call(worker, self),
        }
    }

    /// As [`Registry::tell`], with a `SeqCst` fence in any case.
    #[inline]
    pub(super) fn tell_fenced(&self, posted: Posted) {
        self.tell(match posted {
            Posted::ByExchange => Posted::Anywhere,
            other => other,
        });
    }
}
