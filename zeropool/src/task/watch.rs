//! What a spawned batch and its handle share: how far the batch is, and from which item on it is skipped.
//!
//! It lies in a slab of the pool, so that it costs no allocation. Both hold its index, and whoever lets go last gives it back.

use super::stop::Stop;
use crate::queue::slab::{Slab, Storage};
use crate::sync::{
    AtomicU32, AtomicUsize,
    Ordering::{AcqRel, Relaxed},
};

/// What they share; see the module.
#[derive(Debug)]
pub(crate) struct Watch {
    done: AtomicUsize,
    pub(crate) stop: Stop,
    /// The batch and its handle.
    holders: AtomicU32,
}

impl Watch {
    /// So many more items have been run.
    pub(crate) fn add(&self, items: usize) {
        // Ordering: Relaxed; a count for a display.
        self.done.fetch_add(items, Relaxed);
    }

    /// How many items have been run.
    pub(crate) fn done(&self) -> usize {
        // Ordering: Relaxed; as in `add`.
        self.done.load(Relaxed)
    }

    /// One holder goes. True for the last.
    fn leave(&self) -> bool {
        let last = if cfg!(zeropool_broken = "watch_first_is_last") {
            2
        } else {
            1
        };
        // Ordering: Release: the holder's use of the watch is over; Acquire: and so is the other's.
        self.holders.fetch_sub(1, AcqRel) == last
    }
}

impl Storage for Box<[Watch]> {
    type Shape = ();

    fn with_capacity((): (), n: usize) -> Self {
        let watch = |_| Watch {
            done: AtomicUsize::new(0),
            stop: Stop::new(),
            holders: AtomicU32::new(0),
        };
        (0..n).map(watch).collect()
    }
}

/// The watches of a pool.
pub(crate) type Watches = Slab<Box<[Watch]>>;

/// One of the two holders of a watch.
#[derive(Debug)]
pub(crate) struct WatchRef<'a> {
    watches: &'a Watches,
    index: u32,
}

impl<'a> WatchRef<'a> {
    /// Both holders of a watch that says nothing has been done.
    pub(crate) fn pair(watches: &'a Watches) -> [Self; 2] {
        let index = watches.acquire();
        let holders = [(); 2].map(|()| Self { watches, index });
        let watch = holders[0].watch();
        // Ordering: Relaxed; nobody else has the index. The spawn publishes what the batch reads.
        watch.done.store(0, Relaxed);
        watch.holders.store(2, Relaxed);
        watch.stop.reset();
        holders
    }

    pub(crate) fn watch(&self) -> &'a Watch {
        let (watches, at) = self.watches.locate(self.index);
        &watches[at]
    }
}

impl Drop for WatchRef<'_> {
    fn drop(&mut self) {
        if self.watch().leave() {
            self.watches.release(self.index);
        }
    }
}

#[cfg(test)]
mod tests;
