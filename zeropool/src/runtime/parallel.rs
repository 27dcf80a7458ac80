//! What loops that divide themselves need of the runtime.

use super::{current, fork, global, pool::Pool};
use crate::task::Context;
use crate::task::stop::Stop;

/// Runs `f` at a desk of `pool`, or of the current one; it is told how many threads may share the work.
pub(crate) fn enter<R>(pool: Option<&Pool>, f: impl FnOnce(usize) -> R) -> R {
    current::with(|place| {
        let registry = match (pool, place) {
            (Some(pool), _) => pool.registry(),
            (None, Some(place)) => place.registry(),
            (None, None) => global::registry(),
        };
        registry.with_desk(|worker| f(worker.map_or(1, |_| registry.workers())))
    })
}

/// Would a fork be offered to others just now?
#[inline]
pub(crate) fn is_wanted() -> bool {
    current::quiet() == 0
}

/// Runs both, potentially in parallel; `behind` is skipped if `stop` says so after `front`, and nobody has begun it.
#[inline]
pub(crate) fn fork<A, B, RA, RB>(
    front: A,
    behind: B,
    stop: impl FnOnce(&RA) -> bool,
) -> (RA, Option<RB>)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    fork::join_unless(None, front, behind, stop)
}

/// Runs `f` with the context of the calling thread, in which it works on a batch that this can stop.
pub(crate) fn with_batch_context<R>(stop: &Stop, f: impl FnOnce(&mut Context<'_>) -> R) -> R {
    current::with(|place| {
        let (registry, worker) = match place {
            Some(place) => (place.registry(), place.worker()),
            None => (global::registry(), None),
        };
        f(&mut Context::of_batch(registry, worker, stop))
    })
}
