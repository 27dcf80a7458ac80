//! How many bytes a pool has from the system, and the cap on them.

use crate::sync::{AtomicUsize, Ordering::Relaxed};

/// Counts what is mapped: cached, at rest in the store, and lent. Memory is entered before it is asked for, so the count is
/// never less than what there is.
#[derive(Debug)]
pub(super) struct Ledger {
    cap: usize,
    mapped: AtomicUsize,
    peak: AtomicUsize,
    /// Of those, how many cannot be swapped out.
    pinned: AtomicUsize,
}

// Ordering: Relaxed throughout; only the sum matters. The memory itself is handed over by other means.
impl Ledger {
    pub(super) fn new(cap: usize) -> Self {
        Self {
            cap,
            mapped: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            pinned: AtomicUsize::new(0),
        }
    }

    pub(super) fn cap(&self) -> usize {
        self.cap
    }

    /// Enters `bytes` unless that would exceed the cap.
    #[must_use]
    pub(super) fn reserve(&self, bytes: usize) -> bool {
        if cfg!(zeropool_broken = "ledger_by_store") {
            let mapped = self.mapped.load(Relaxed);
            if mapped + bytes > self.cap {
                return false;
            }
            self.mapped.store(mapped + bytes, Relaxed);
            return true;
        }
        let entered = self.mapped.fetch_update(Relaxed, Relaxed, |mapped| {
            mapped.checked_add(bytes).filter(|&sum| sum <= self.cap)
        });
        match entered {
            Ok(before) => {
                self.peak.fetch_max(before + bytes, Relaxed);
                true
            }
            Err(_) => false,
        }
    }

    /// Takes `bytes` out again, after they were given back or not got.
    pub(super) fn release(&self, bytes: usize) {
        self.mapped.fetch_sub(bytes, Relaxed);
    }

    pub(super) fn pin(&self, bytes: usize) {
        self.pinned.fetch_add(bytes, Relaxed);
    }

    pub(super) fn unpin(&self, bytes: usize) {
        self.pinned.fetch_sub(bytes, Relaxed);
    }

    pub(super) fn mapped(&self) -> usize {
        self.mapped.load(Relaxed)
    }

    pub(super) fn peak(&self) -> usize {
        self.peak.load(Relaxed)
    }

    pub(super) fn pinned(&self) -> usize {
        self.pinned.load(Relaxed)
    }
}

#[cfg(test)]
mod model;
