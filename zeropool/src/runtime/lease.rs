//! How a thread that is not the pool's own comes by a desk, and how long it keeps it.

use super::current;
use super::desk::{Desk, Slot};
use super::registry::Registry;
use super::worker::Worker;
use crate::sync::Parker;
use crossbeam_utils::CachePadded;
use std::sync::Arc;

/// Desks for threads that are not the pool's own. A thread that finds none does its own work alone.
pub(super) const GUEST_DESKS: usize = 16;

/// So many of them are lent for the whole of a scope's body, which may take long and not work at all.
const BODY_DESKS: usize = 8;

impl Registry {
    /// Runs `f` with the calling thread at work at a desk of this pool: the one it has, or a leased one. `None` if all guest
    /// desks are taken; `f` then has to do with the calling thread alone. Never blocks.
    pub(crate) fn with_desk<R>(self: &Arc<Self>, f: impl FnOnce(Option<Worker<'_>>) -> R) -> R {
        current::with(|place| {
            if let Some(place) = place {
                if let Some(worker) = place.worker()
                    && Arc::ptr_eq(worker.registry, self)
                {
                    return f(Some(worker));
                }
                // A desk of an outer frame: its owner is this same thread, so it may be used further in.
                if let Some((worker, works)) = place.desk_in(self) {
                    // In the body of a scope the thread has no seat; it takes one while it works.
                    let _seat = (!works).then(|| Seat::take(worker));
                    return current::enter(self, worker.desk, || f(Some(worker)));
                }
            }
            match Lease::take(self, &self.slots[self.workers..]) {
                Some(lease) => {
                    let worker = lease.worker();
                    let _seat = Seat::take(worker);
                    current::enter(self, worker.desk, || f(Some(worker)))
                }
                None => current::enter_without_desk(self, || f(None)),
            }
        })
    }

    /// Runs `f`, a scope from its body to its end, with the calling thread at a desk of this pool on which it may spawn: the one it
    /// has, or a leased one. `None` if there is none to spare. Takes no seat, never blocks.
    pub(super) fn with_body_desk<R>(
        self: &Arc<Self>,
        f: impl FnOnce(Option<Worker<'_>>) -> R,
    ) -> R {
        if !self.submission.uses_deques() {
            return current::install(self, || f(None));
        }
        current::with(|place| {
            if let Some(worker) = place.and_then(|place| place.worker_of(self)) {
                return current::install(self, || f(Some(worker)));
            }
            let guests = &self.slots[self.workers..];
            match Lease::take(self, &guests[GUEST_DESKS - BODY_DESKS..]) {
                Some(lease) => {
                    let worker = lease.worker();
                    current::enter_body(self, worker.desk, || f(Some(worker)))
                }
                None => current::install(self, || f(None)),
            }
        })
    }
}

/// A guest's desk, which goes back on drop.
struct Lease<'a> {
    registry: &'a Arc<Registry>,
    desk: Option<Box<Desk>>,
}

impl<'a> Lease<'a> {
    fn take(registry: &'a Arc<Registry>, among: &[CachePadded<Slot>]) -> Option<Self> {
        let desk = among.iter().find_map(|slot| slot.take_desk())?;
        registry.sleep.occupy(desk.index, Parker::of_this_thread());
        Some(Self {
            registry,
            desk: Some(desk),
        })
    }

    fn worker(&self) -> Worker<'_> {
        match &self.desk {
            Some(desk) => Worker {
                registry: self.registry,
                desk,
            },
            None => unreachable!("the desk goes back on drop only"),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(desk) = self.desk.take() {
            self.registry.slots[desk.index].put_desk(desk);
        }
    }
}

/// The seat of a thread that works for a while, if one was free; it goes back on drop.
struct Seat<'a>(Worker<'a>);

impl<'a> Seat<'a> {
    fn take(worker: Worker<'a>) -> Self {
        worker.take_seat();
        Self(worker)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.give_seat_back();
    }
}
