//! A set of slots, changed by atomic operations.

use crate::sync::{
    AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};

/// A set of slots, one bit each; taking a bit out is how a sleeper is chosen exactly once.
#[derive(Debug)]
pub(super) struct SlotSet(Box<[AtomicU64]>);

impl SlotSet {
    pub(super) fn new(slots: usize) -> Self {
        Self((0..slots.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    pub(super) fn insert(&self, index: usize) {
        // Ordering: Release pairs with the Acquire in `take_any`: whoever chooses this slot sees its parker. The race
        // with posts is settled by the caller's fence.
        #[cfg(not(zeropool_broken = "sleep_insert_relaxed"))]
        self.0[index / 64].fetch_or(1 << (index % 64), Release);
        #[cfg(zeropool_broken = "sleep_insert_relaxed")]
        self.0[index / 64].fetch_or(1 << (index % 64), Relaxed);
    }

    /// True if it was still there.
    pub(super) fn remove(&self, index: usize) -> bool {
        let bit = 1 << (index % 64);
        // Ordering: Acquire pairs with the Release in `take_any` and `take_all`: a sleeper that was chosen sees what the
        // chooser did before.
        self.0[index / 64].fetch_and(!bit, AcqRel) & bit != 0
    }

    pub(super) fn contains(&self, index: usize) -> bool {
        // Ordering: Acquire, as in `remove`.
        self.0[index / 64].load(Acquire) & (1 << (index % 64)) != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| word.load(Relaxed) == 0)
    }

    /// How many there are; a hint.
    pub(super) fn count(&self) -> u32 {
        // Ordering: Relaxed; a hint.
        let words = self.0.iter().map(|word| word.load(Relaxed));
        words.map(u64::count_ones).sum()
    }

    /// Takes out all there are, each word once: those that come back meanwhile are left for another time.
    pub(super) fn take_all(&self, mut each: impl FnMut(usize)) {
        for (at, word) in self.0.iter().enumerate() {
            // Ordering: Relaxed; spares the exchange where the set is empty, as it mostly is. Callers have a fence before.
            if word.load(Relaxed) == 0 {
                continue;
            }
            // Ordering: Release pairs with the Acquire in `remove` and `contains`, Acquire with the Release in
            // `insert`.
            let mut taken = word.swap(0, AcqRel);
            while taken != 0 {
                each(at * 64 + taken.trailing_zeros() as usize);
                taken &= taken - 1;
            }
        }
    }

    pub(super) fn take_any(&self) -> Option<usize> {
        for (at, word) in self.0.iter().enumerate() {
            let mut seen = word.load(Relaxed);
            while seen != 0 {
                let bit = seen & seen.wrapping_neg();
                // Ordering: Release pairs with the Acquire in `remove` and `contains`, Acquire with the Release in
                // `insert`.
                let before = word.fetch_and(!bit, AcqRel);
                if before & bit != 0 {
                    return Some(at * 64 + bit.trailing_zeros() as usize);
                }
                seen = before & !bit;
            }
        }
        None
    }
}
