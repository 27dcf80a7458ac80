//! What threads without a desk use when they spawn: a few free blocks at hand, and counters.

use super::stats::{Counter, Counters};
use super::tray::Tray;
use crate::queue::block::{BlockAllocator, BlockCache};
use crate::sync::{AtomicUsize, Ordering::Relaxed};
use crossbeam_utils::CachePadded;
use std::cell::Cell;

/// So many threads can spawn at once without getting into each other's way.
const TRAYS: usize = 8;

/// No thread has this number.
const NONE: usize = usize::MAX;

thread_local! {
    /// See [`thread_number`]. No destructor: readable during thread-local destruction.
    static NUMBER: Cell<usize> = const { Cell::new(NONE) };
}

/// See the module.
#[derive(Debug)]
pub(super) struct Outside {
    trays: [CachePadded<Place>; TRAYS],
    counters: CachePadded<Counters>,
    /// Of the tasks counted as spawned, those that a full queue has refused.
    refused: Counter,
}

#[derive(Debug)]
struct Place {
    blocks: Tray<BlockCache>,
    /// Tasks spawned by holders of the tray.
    spawned: Counter,
}

impl Outside {
    pub(super) fn new(allocator: &BlockAllocator) -> Self {
        let place = |_| Place {
            blocks: Tray::new(BlockCache::new(allocator)),
            spawned: Counter::default(),
        };
        Self {
            trays: std::array::from_fn(|at| CachePadded::new(place(at))),
            counters: CachePadded::default(),
            refused: Counter::default(),
        }
    }

    /// Counts a task as spawned, and passes blocks for it to `f`, unless another thread has them just now.
    #[inline(always)]
    pub(super) fn spawn<R>(&self, f: impl FnOnce(Option<&BlockCache>) -> R) -> R {
        let place = &self.trays[thread_number() % TRAYS];
        place.blocks.lend(|blocks| {
            match blocks {
                Some(_) => place.spawned.bump(),
                None => self.counters.spawned.bump_shared(),
            }
            f(blocks)
        })
    }

    /// A task that was counted as spawned has come back.
    #[cold]
    pub(super) fn count_refused(&self) {
        self.refused.bump_shared();
    }

    /// Of everything but tasks spawned with a tray.
    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// To be added to what the counters say, and to be taken off.
    pub(super) fn spawned_and_refused(&self) -> (u64, u64) {
        let spawned = self.trays.iter().map(|place| place.spawned.get());
        (spawned.sum(), self.refused.get())
    }
}

/// A small number, different for each of the first few threads that ask.
#[inline(always)]
pub(super) fn thread_number() -> usize {
    match NUMBER.get() {
        NONE => take_number(),
        number => number,
    }
}

#[cold]
fn take_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    // Ordering: Relaxed; a number.
    let number = NEXT.fetch_add(1, Relaxed) % NONE;
    NUMBER.set(number);
    number
}
