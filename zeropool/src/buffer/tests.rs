//! Behaviour of the whole pool. Each file has one group of events.

mod death;
mod exit;
mod length;
mod reuse;
mod wiping;

use super::BufferPool;
use crate::sync::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;

/// Counts what a pool took from the system and gave back; outlives the pool.
#[derive(Debug, Default)]
pub(super) struct Tally {
    allocated: AtomicUsize,
    freed: AtomicUsize,
}

// Ordering: Relaxed, in all four; tests read at rest, after joining whoever counts.
impl Tally {
    pub(super) fn allocated(&self) {
        self.allocated.fetch_add(1, Relaxed);
    }

    pub(super) fn freed(&self) {
        self.freed.fetch_add(1, Relaxed);
    }

    fn allocations(&self) -> usize {
        self.allocated.load(Relaxed)
    }

    fn alive(&self) -> usize {
        self.allocations() - self.freed.load(Relaxed)
    }
}

fn tally(pool: &BufferPool) -> Arc<Tally> {
    Arc::clone(&pool.handle.home().tally)
}

#[test]
fn guards_and_pool_may_go_anywhere() {
    fn anywhere<T: Send + Sync + Unpin + std::panic::UnwindSafe + 'static>() {}
    anywhere::<BufferPool>();
    anywhere::<super::Buf>();
    anywhere::<super::BufUninit>();
}
