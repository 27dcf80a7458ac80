//! From which item on a batch is to be skipped.

use crate::sync::{AtomicUsize, Ordering::Relaxed};

/// The index of the first item that need not be begun.
#[derive(Debug)]
pub(crate) struct Stop(AtomicUsize);

impl Stop {
    /// Nothing is skipped.
    pub(crate) fn new() -> Self {
        Self(AtomicUsize::new(usize::MAX))
    }

    /// Items from this one on need not be begun.
    pub(crate) fn from(&self, first: usize) {
        // Ordering: Relaxed here and below; what is skipped is decided by whoever looks, and carries no data.
        self.0.fetch_min(first, Relaxed);
    }

    /// The whole batch is cancelled.
    pub(crate) fn all(&self) {
        self.from(0);
    }

    pub(crate) fn skips(&self, item: usize) -> bool {
        item >= self.0.load(Relaxed)
    }

    pub(crate) fn skips_all(&self) -> bool {
        self.skips(0)
    }

    /// Nothing is skipped any more; for a cell that is used again.
    pub(crate) fn reset(&self) {
        self.0.store(usize::MAX, Relaxed);
    }
}
