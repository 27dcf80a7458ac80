//! Entries that lie in a queue although their tasks are claimed: by a handle that waits or cancels, or by a scope's owner at its end. They
//! are counted, and cleared out before they fill the queue.

use super::current;
use super::desk::Desk;
use super::registry::Registry;
use super::worker::Worker;
use crate::sync::{
    Ordering::{AcqRel, Relaxed, Release, SeqCst},
    fence,
};
use crate::task::block::{Claim, TaskRef};
use std::sync::Arc;

/// So many entries of claimed tasks may lie in the injector before they are cleared out.
const ENTRIES_LEFT_MAX: usize = 1024;

impl Registry {
    /// Runs a task here if nobody has claimed it, wherever it is queued.
    pub(crate) fn run_here(self: &Arc<Self>, worker: Option<Worker<'_>>, task: &TaskRef) -> bool {
        let entry = worker.and_then(|worker| worker.take_back(task));
        let Some(claim) = task.try_start_found(worker.map(|worker| worker.index())) else {
            return false;
        };
        let left = entry.is_none();
        drop(entry);
        if left {
            self.left_entry();
        }
        self.run_found(worker, claim);
        if left {
            self.clear_out_if_many();
        }
        true
    }

    /// Runs a task that is in no queue, so no entry is left of it.
    pub(super) fn run_unqueued(self: &Arc<Self>, worker: Option<Worker<'_>>, task: &TaskRef) {
        if let Some(claim) = task.try_start_found(worker.map(|worker| worker.index())) {
            self.run_found(worker, claim);
        }
    }

    #[inline(always)]
    fn run_found(self: &Arc<Self>, worker: Option<Worker<'_>>, claim: Claim<'_>) {
        match worker {
            Some(worker) => {
                worker.slot().counters.inline.bump();
                drop(worker.run_claim(claim));
            }
            None => {
                self.outside.counters().inline.bump_shared();
                self.run_without_desk(claim);
            }
        }
    }

    /// A task was claimed by somebody who did not take its entry out of a queue, and has not begun to run or drop it, which may take
    /// long. [`Registry::clear_out_if_many`] follows afterwards.
    pub(crate) fn left_entry(&self) {
        // The queues are the parent's then, some behind locks that may be held.
        if self.is_forked() {
            return;
        }
        // Ordering: Release pairs with the Acquire in `clear_out`: whoever sees the number sees that the task is claimed.
        self.entries_left.fetch_add(1, Release);
        self.tell_who_waits_for_room();
    }

    /// Entries left behind are cleared out now and then, so that a thread which runs its own tasks while all workers are busy does
    /// not fill the queues: at most a constant number, or as many as there are live entries, at a constant cost for each.
    pub(crate) fn clear_out_if_many(self: &Arc<Self>) {
        // As in `left_entry`.
        if self.is_forked() {
            return;
        }
        let swept = current::with(|place| {
            let Some(Worker { desk, .. }) = place.and_then(|place| place.worker_of(self)) else {
                return false;
            };
            let left = desk.entries_left.get() + 1;
            let queue = &self.slots[desk.index].spawns;
            let sweep = left > ENTRIES_LEFT_MAX && left > queue.len() / 2;
            desk.entries_left.set(if sweep { 0 } else { left });
            if sweep {
                self.sweep_spawns(desk);
            }
            sweep
        });
        // Ordering: Relaxed; `clear_out` acquires.
        let left = self.entries_left.load(Relaxed);
        let queued = || self.injector.len() + self.lanes.total();
        if left > ENTRIES_LEFT_MAX && left > queued() / 2 {
            self.clear_out();
        }
        if swept {
            // A worker that looked while an entry was in our hands may have gone to sleep.
            self.requeued();
        }
    }

    /// Takes the entries of claimed tasks out of the calling thread's deque.
    fn sweep_spawns(&self, desk: &Desk) {
        let queue = &self.slots[desk.index].spawns;
        // Oldest first, and back at the other end: the order stays.
        for task in (0..queue.len()).map_while(|_| queue.steal_oldest()) {
            if task.is_claimed() {
                task.drop_into(&desk.blocks);
            } else {
                desk.spawns.push_newest(task);
            }
        }
    }

    /// After many tasks were put on the calling thread's deque: a task that another thread has claimed, by its handle or at the end of
    /// its scope, leaves its entry there, and nobody else may look there before this thread has done what it is at.
    #[cold]
    pub(super) fn sweep_own_deque(self: &Arc<Self>, desk: &Desk) {
        let queue = &self.slots[desk.index].spawns;
        let before = queue.len();
        self.sweep_spawns(desk);
        desk.swept(queue.len());
        if before > 0 {
            // A worker that looked while an entry was in our hands may have gone to sleep.
            self.requeued();
        }
    }

    /// After `entries_left` has grown: whoever waits for the room that such an entry takes up looks again, and clears out. Not the
    /// caller, who may leave many entries, and would look through the whole queue for each.
    pub(super) fn tell_who_waits_for_room(&self) {
        if self.submission.capacity.is_none() {
            return;
        }
        // Ordering: SeqCst; either the submitter is seen in the queue of waiters, or its look, after the fence in
        // `Room::wait`, sees the number of entries.
        fence(SeqCst);
        self.injector.wake_first();
        self.lanes.wake_first();
    }

    /// Takes the entries of claimed tasks out of the global queue and the lanes.
    pub(super) fn clear_out(self: &Arc<Self>) {
        // They are the parent's then, some behind locks that may be held.
        if self.is_forked() {
            return;
        }
        // Ordering: Acquire pairs with the Release in `left_entry`: what was counted is seen to be claimed. Release keeps
        // the chain whole.
        self.entries_left.swap(0, AcqRel);
        self.injector.sweep();
        self.lanes.sweep();
        // A worker that looked while an entry was in our hands may have gone to sleep.
        self.requeued();
    }
}
