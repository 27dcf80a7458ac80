//! What a pool counts off the hot path; slots count for themselves.

use crate::sync::{AtomicU64, Ordering::Relaxed};

/// Counts since the pool was made.
#[derive(Debug, Default)]
pub(super) struct Counters {
    shared_hits: AtomicU64,
    allocations: AtomicU64,
    returns: AtomicU64,
    discards: AtomicU64,
    evictions: AtomicU64,
    waits: AtomicU64,
    timeouts: AtomicU64,
    lock_failures: AtomicU64,
}

/// A count and the method that adds to it.
macro_rules! counters {
    ($($name:ident, $add:ident;)*) => {
        // Ordering: Relaxed throughout; statistics.
        impl Counters {
            $(
                pub(super) fn $add(&self, n: usize) {
                    self.$name.fetch_add(n as u64, Relaxed);
                }

                pub(super) fn $name(&self) -> u64 {
                    self.$name.load(Relaxed)
                }
            )*
        }
    };
}

counters! {
    shared_hits, add_shared_hits;
    allocations, add_allocations;
    returns, add_returns;
    discards, add_discards;
    evictions, add_evictions;
    waits, add_waits;
    timeouts, add_timeouts;
    lock_failures, add_lock_failures;
}
