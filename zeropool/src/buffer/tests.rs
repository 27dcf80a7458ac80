//! Behaviour of the whole pool. Each file has one group of events.

mod death;
mod exit;
#[cfg(all(target_os = "linux", not(miri)))]
mod fork;
mod length;
mod limits;
mod reuse;
mod storms;
mod wiping;

use super::{BufferPool, home};
use std::sync::Arc;

/// Looks at a pool after its last handle is gone too. Counts are of blocks; the tests use sizes of which each block has a span
/// of its own.
#[derive(Debug)]
struct Tally(Arc<home::Home>);

impl Tally {
    fn allocations(&self) -> usize {
        self.0.counters.allocations() as usize
    }

    fn alive(&self) -> usize {
        let alive = self.allocations() - self.0.counters.discards() as usize;
        assert_eq!(alive == 0, self.0.ledger.mapped() == 0);
        alive
    }
}

fn tally(pool: &BufferPool) -> Tally {
    Tally(Arc::clone(pool.handle.home()))
}

#[test]
fn guards_and_pool_may_go_anywhere() {
    fn anywhere<T: Send + Sync + Unpin + std::panic::UnwindSafe + 'static>() {}
    anywhere::<BufferPool>();
    anywhere::<super::Buf>();
    anywhere::<super::BufUninit>();
}
