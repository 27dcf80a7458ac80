//! One bit for each slot: who sets it first has the slot.

use crate::sync::{AtomicU64, Ordering::Relaxed};
use std::array;

/// Words inside a set of claims: 1 024 slots need no allocation. Fewer under a checker, so that it sees both kinds.
const INLINE_WORDS: usize = if cfg!(any(zeropool_loom, miri)) {
    1
} else {
    16
};

const BITS: usize = u64::BITS as usize;

/// A set of indices that only grows. Invariant: [`Claims::take`] returns true at most once for each index.
///
/// All accesses are relaxed. What is claimed was reached through a reference to the claims, and is read again after all those
/// references have ended; whatever hands them out and takes them back (a scope, a thread's start and join) orders the rest.
#[derive(Debug)]
pub(super) struct Claims {
    words: Words,
}

#[derive(Debug)]
enum Words {
    Inline([AtomicU64; INLINE_WORDS]),
    Boxed(Box<[AtomicU64]>),
}

impl Claims {
    /// Nothing claimed, room for the indices below `len`.
    pub(super) fn new(len: usize) -> Self {
        let count = len.div_ceil(BITS);
        let words = if count <= INLINE_WORDS {
            Words::Inline(array::from_fn(|_| AtomicU64::new(0)))
        } else {
            Words::Boxed((0..count).map(|_| AtomicU64::new(0)).collect())
        };
        Self { words }
    }

    /// Claims an index; false if it has been claimed before.
    ///
    /// # Panics
    ///
    /// If there is no room for the index.
    #[inline]
    pub(super) fn take(&self, index: usize) -> bool {
        let (word, bit) = self.place(index);
        if cfg!(zeropool_broken = "slots_claim_by_store") {
            let before = word.load(Relaxed);
            word.store(before | bit, Relaxed);
            return before & bit == 0;
        }
        // Ordering: Relaxed, see the type. One operation that reads and writes: of two who set a bit, one finds it unset.
        word.fetch_or(bit, Relaxed) & bit == 0
    }

    /// Has the index been claimed?
    ///
    /// # Panics
    ///
    /// As [`Claims::take`].
    pub(super) fn is_taken(&self, index: usize) -> bool {
        let (word, bit) = self.place(index);
        // Ordering: Relaxed; an answer about the past, and nothing is read because of it.
        word.load(Relaxed) & bit != 0
    }

    /// How many have been claimed.
    pub(super) fn count(&self) -> usize {
        self.words()
            .iter()
            // Ordering: Relaxed; a statistic while others claim.
            .map(|word| word.load(Relaxed).count_ones() as usize)
            .sum()
    }

    #[inline]
    fn place(&self, index: usize) -> (&AtomicU64, u64) {
        (&self.words()[index / BITS], 1 << (index % BITS))
    }

    #[inline]
    fn words(&self) -> &[AtomicU64] {
        match &self.words {
            Words::Inline(words) => words,
            Words::Boxed(words) => words,
        }
    }
}
