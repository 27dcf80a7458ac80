//! The end of a pool: what is accepted no more, what is still run, and what is cancelled.

use super::current;
use super::lanes::Lane;
use super::registry::Registry;
use crate::sync::{
    Ordering::{Relaxed, SeqCst},
    fence,
};
use crate::task::block::TaskRef;
use crate::task::queues::SpawnStealer;
use std::sync::{Arc, PoisonError};

impl Registry {
    pub(super) fn is_closed(&self) -> bool {
        // Ordering: Relaxed; `closed_after_count` decides.
        self.closed.load(Relaxed)
    }

    /// Was the pool closed when a task was counted as accepted just now? Then it no longer is.
    #[inline]
    pub(super) fn closed_after_count(&self) -> bool {
        // Ordering: SeqCst, as is the exchange that counted: either this look sees `closed`, or `close`'s caller sees the count.
        let closed = self.closed.load(SeqCst);
        if closed {
            self.owned.ended();
        }
        closed
    }

    /// From here on no owned task is accepted. True for the first caller.
    fn close(&self) -> bool {
        // Ordering: SeqCst, and a fence before the caller looks at the count; see `closed_after_count`.
        let first = !self.closed.swap(true, SeqCst);
        fence(SeqCst);
        first
    }

    /// Closes, waits for every accepted task, ends the threads. See `docs` of [`Pool::shutdown`](crate::Pool::shutdown).
    pub(super) fn shutdown(self: &Arc<Self>) {
        let first = self.close();
        self.end(first);
    }

    /// The rest of a shutdown, on a closed pool; `first`: nobody else has begun one.
    fn end(self: &Arc<Self>, first: bool) {
        if self.is_here() {
            // We are inside one of its tasks: waiting for ourselves would never end. The threads drain what was
            // accepted and leave by themselves, unless another thread waits for that already.
            if first {
                self.owned.detach();
            }
            return;
        }
        current::blocking(|| {
            self.owned.wait_idle(None);
            self.terminate();
            // Locked until all have ended, so that a second caller waits as long.
            for thread in self.lock_threads().drain(..) {
                // A worker thread ends by a panic only if the machinery is broken; it has said so itself.
                let _ = thread.join();
            }
        });
    }

    /// As [`Registry::shutdown`], but owned tasks that have not started are cancelled, and those that have are asked to stop.
    pub(super) fn shutdown_now(self: &Arc<Self>) {
        let first = self.close();
        self.owned.cancel_all();
        // Whatever is claimed from here on is cancelled by its claimer. What lies in the queues now is cancelled here, so that nobody
        // waits for a worker to come free; what its spawner moves meanwhile may slip through, and wait. The borrowed tasks of scopes
        // stay: they move to the end of the injector, or stay on the deque where they are at home, with what lies above them.
        let queued: usize = self.injector.len() + self.lanes.total() + self.spawned_elsewhere();
        let mut stayed = false;
        for task in (0..queued).map_while(|_| self.take_queued()) {
            if task.is_owned() {
                if let Some(claim) = task.try_claim() {
                    self.cancel(claim);
                }
            } else if !task.is_claimed() {
                stayed = true;
                self.injector.push(task);
            }
        }
        if stayed {
            // A worker that looked while an entry was in our hands may have gone to sleep.
            self.requeued();
        }
        self.end(first);
    }

    fn spawned_elsewhere(&self) -> usize {
        self.slots.iter().map(|slot| slot.spawns.len()).sum()
    }

    /// Takes an entry out of whichever queue has one, save those that the owner of a scope will look for on its deque.
    pub(super) fn take_queued(&self) -> Option<TaskRef> {
        let spawned = || {
            self.slots
                .iter()
                .find_map(|slot| slot.spawns.steal_oldest_abroad())
        };
        let urgent = self.lanes.pop(Lane::High);
        let usual = urgent.or_else(spawned).or_else(|| self.injector.pop());
        usual.or_else(|| self.lanes.pop_any())
    }

    /// Nobody will work here any more.
    pub(super) fn terminate(&self) {
        self.sleep.terminate();
        // After the fence in there: who waits for room gives up.
        self.injector.wake_all();
        self.lanes.wake_all();
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        if self.is_forked() {
            // The tasks and the threads are the parent's.
            let threads = self
                .threads
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::forget(std::mem::take(threads));
            return;
        }
        // Nobody works here any more. What is left are entries of claimed tasks, and tasks whose last chance to
        // run is gone with the threads; the latter are cancelled.
        let spawned = || {
            let mut deques = self.slots.iter().map(|slot| &slot.spawns);
            deques.find_map(SpawnStealer::steal_oldest)
        };
        for task in std::iter::from_fn(|| spawned().or_else(|| self.take_queued())) {
            if let Some(claim) = task.try_claim() {
                claim.cancel();
            }
        }
    }
}
