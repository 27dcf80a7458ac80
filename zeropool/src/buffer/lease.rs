#![allow(unsafe_code)] // Fences: giving back a slot, which only the thread that leased it may.
//! Which slots the calling thread has leased, in any number of pools; given back when the thread exits.
//!
//! Two thread-locals. `HOT` has no destructor: reading it is a plain memory access, and allowed even while the
//! thread's locals are being destroyed. It remembers the slots used last, by pool id. `LEASES` has them all, and
//! the destructor that ends them. After that the thread leases nothing any more: its buffers come from the shared
//! store and go there.

use super::home::Home;
use super::slot::Slot;
use crate::sync::{AtomicUsize, Ordering::Relaxed};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use std::sync::{Arc, Weak};

/// Pools with neighbouring ids do not displace each other until a thread uses more than this many.
const WAYS: usize = 8;

/// One remembered lease. Pool ids begin at 1; 0 is an empty way.
struct Way {
    id: Cell<u64>,
    slot: Cell<Option<NonNull<Slot>>>,
}

struct Hot {
    /// The way of pool `id` is `id % WAYS`. A way with the id of a live pool has this thread's slot in it. The
    /// way of a dead pool dangles, and is never found: nobody can ask for it, since ids are not reused.
    ways: [Way; WAYS],
    exited: Cell<bool>,
    /// 0: not yet assigned.
    affinity: Cell<usize>,
    /// How often this thread has put something into a store.
    ticks: Cell<u8>,
    /// It runs tasks at the moment.
    works: Cell<bool>,
}

/// A slot that this thread has leased in a pool that may be dead by now.
struct Lease {
    id: u64,
    home: Weak<Home>,
    slot: NonNull<Slot>,
}

/// Sorted by id.
struct Leases(RefCell<Vec<Lease>>);

thread_local! {
    static HOT: Hot = const {
        Hot {
            ways: [const { Way { id: Cell::new(0), slot: Cell::new(None) } }; WAYS],
            exited: Cell::new(false),
            affinity: Cell::new(0),
            ticks: Cell::new(0),
            works: Cell::new(false),
        }
    };
    static LEASES: Leases = const { Leases(RefCell::new(Vec::new())) };
}

impl Hot {
    #[inline]
    fn way(&self, id: u64) -> &Way {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low bits are what is wanted"
        )]
        &self.ways[id as usize % WAYS]
    }

    fn remember(&self, id: u64, slot: NonNull<Slot>) {
        let way = self.way(id);
        way.id.set(id);
        way.slot.set(Some(slot));
    }
}

/// The slot that the calling thread has leased in this pool, if it has one. It lives as long as `home`.
#[inline]
pub(super) fn slot_of(home: &Home) -> Option<NonNull<Slot>> {
    HOT.with(|hot| {
        let way = hot.way(home.id());
        if way.id.get() == home.id() {
            return way.slot.get();
        }
        search(hot, home.id())
    })
}

/// As [`slot_of`], when the pool is not among those used last.
#[cold]
#[inline(never)]
fn search(hot: &Hot, id: u64) -> Option<NonNull<Slot>> {
    if hot.exited.get() {
        return None;
    }
    // The table is gone or in use only while it is being changed or destroyed; then there is no slot to use.
    LEASES
        .try_with(|leases| {
            let leases = leases.0.try_borrow().ok()?;
            let found = leases.binary_search_by_key(&id, |lease| lease.id).ok()?;
            let slot = leases.get(found)?.slot;
            hot.remember(id, slot);
            Some(slot)
        })
        .ok()
        .flatten()
}

/// Leases a slot for the calling thread, if it has none in this pool and is not exiting.
pub(super) fn lease(home: &Arc<Home>) {
    HOT.with(|hot| {
        if slot_of(home).is_some() || hot.exited.get() {
            return;
        }
        // The first visit registers the destructor. It can fail only after that ran, and then `exited` is set.
        let _ = LEASES.try_with(|leases| {
            let Ok(mut leases) = leases.0.try_borrow_mut() else {
                return;
            };
            // Here is the time to forget dead pools.
            leases.retain(|lease| lease.home.strong_count() > 0);
            let id = home.id();
            let Err(place) = leases.binary_search_by_key(&id, |lease| lease.id) else {
                return;
            };
            leases.reserve(1);
            let slot = home.lease_slot();
            leases.insert(
                place,
                Lease {
                    id,
                    home: Arc::downgrade(home),
                    slot,
                },
            );
            hot.remember(id, slot);
        });
    });
}

/// Empties the calling thread's slot in this pool, if it has one.
pub(super) fn flush(home: &Arc<Home>) {
    if let Some(slot) = slot_of(home) {
        // SAFETY: 1. `slot_of` gives the calling thread's slot.
        unsafe { home.flush(slot) };
    }
}

/// How many pools the calling thread has in its table.
#[cfg(test)]
pub(super) fn leases() -> usize {
    LEASES.with(|leases| leases.0.borrow().len())
}

/// A number that spreads threads over the shards of a store.
pub(super) fn affinity() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    HOT.with(|hot| {
        if hot.affinity.get() == 0 {
            // Ordering: Relaxed; any number does, different ones are better.
            hot.affinity.set(NEXT.fetch_add(1, Relaxed));
        }
        hot.affinity.get()
    })
}

/// Every so many visits to a store there is a tick. A prime: whoever visits several pools by turns must not tick in one of them alone.
const VISITS: u8 = 61;

/// Counts a visit to a store; true for some of them: then it is time to look at the clock.
pub(super) fn tick() -> bool {
    HOT.with(|hot| {
        let ticks = hot.ticks.get().wrapping_add(1) % VISITS;
        hot.ticks.set(ticks);
        ticks == 0
    })
}

/// Runs `f`, in which the calling thread works for others and must not wait long for a buffer.
#[inline]
pub(crate) fn while_working<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            HOT.with(|hot| hot.works.set(self.0));
        }
    }
    let _restore = Restore(HOT.with(|hot| hot.works.replace(true)));
    f()
}

pub(super) fn is_working() -> bool {
    HOT.with(|hot| hot.works.get())
}

impl Drop for Leases {
    fn drop(&mut self) {
        HOT.with(|hot| {
            // First: from here on this thread uses no slot.
            hot.exited.set(true);
            for way in &hot.ways {
                way.id.set(0);
                way.slot.set(None);
            }
        });
        for lease in self.0.get_mut().drain(..) {
            if let Some(home) = lease.home.upgrade() {
                // SAFETY: 1. leased by this thread in that pool, and the ways that led there are cleared.
                unsafe { home.end_lease(lease.slot) };
            }
        }
    }
}
