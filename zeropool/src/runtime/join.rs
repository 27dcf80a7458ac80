//! `join` in its forms; how an arm is offered to others is in `fork.rs`.

use super::fork::{self, JoinSite};

/// Runs two closures, potentially in parallel, and returns both results.
///
/// The calling thread runs `a`, and may offer `b` to the other threads of its pool meanwhile; if nobody has taken `b` when
/// `a` is done, it runs `b` itself. If somebody has, it blocks, and runs only what belongs to `b`, the arms that joins inside it offer: a
/// lock held across a join cannot meet unrelated work. Works on any thread: one outside every pool takes part in the
/// [global pool](crate::global), or in the one it is [installed](crate::Pool::install) in. Does not allocate.
///
/// Arms must not wait for each other: it is never certain that they run at the same time. Like any blocking call, a join in an async
/// task keeps the thread from all others; see [`JoinHandle`](crate::JoinHandle#as-a-future).
///
/// The macro form [`zp::join!`](crate::join!) takes expressions, and any number of them. It also remembers for each place in the
/// source whether the arms there are long.
///
/// # Cost
///
/// A thread offers its oldest arms, usually the largest, four at a time. Below them, joins are two plain calls and a look at a
/// flag of the thread; no clock is read. An offer costs some 15 ns and, if all workers sleep, wakes one. If offers come back untaken
/// so often that they cost more than a part of the work ([`promotion_threshold`](crate::Builder::promotion_threshold)), the
/// thread makes none until an idle worker asks for them. Workers that have become idle look for offers for some 20 µs, then at
/// every [`heartbeat`](crate::Builder::heartbeat). Joins of [`zp::join!`](crate::join!) whose arms have all been longer than 2 µs
/// lately always make an offer.
///
/// The scheme combines a bound on offers (queue-length cut-off: Duran, Corbalán and Ayguadé, SC 2008; lazy scheduling: Tzannes et
/// al., TOPLAS 2014, doi 10.1145/2629643) with the token accounting of heartbeat schedulers (Westrick et al., POPL 2024,
/// doi 10.1145/3632880).
///
/// # Examples
///
/// ```
/// fn sum(numbers: &[u64]) -> u64 {
///     if numbers.len() < 1000 {
///         return numbers.iter().sum();
///     }
///     let (left, right) = numbers.split_at(numbers.len() / 2);
///     let (left, right) = zp::join(|| sum(left), || sum(right));
///     left + right
/// }
///
/// let numbers: Vec<u64> = (1..=10_000).collect();
/// assert_eq!(sum(&numbers), 50_005_000);
/// ```
///
/// # Panics
///
/// 1. If a closure panics. The other one is not begun, or awaited if it has begun; then the panic resumes, that of `a` before
///    that of `b`.
/// 2. If the [global pool](crate::global) is needed and cannot be started.
#[inline(always)]
pub fn join<A, B, RA, RB>(a: A, b: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    fork::join(None, a, b)
}

/// As [`join`], with a record of the place in the source. Behind `zp::join!`.
#[inline(always)]
pub(crate) fn join_at<A, B, RA, RB>(site: &'static JoinSite, a: A, b: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    fork::join(Some(site), a, b)
}

/// As [`join`] for fallible closures: the leftmost failure wins. Behind `zp::try_join!`.
#[inline(always)]
pub(crate) fn try_join<A, B, RA, RB, E>(site: &'static JoinSite, a: A, b: B) -> Result<(RA, RB), E>
where
    A: FnOnce() -> Result<RA, E> + Send,
    B: FnOnce() -> Result<RB, E> + Send,
    RA: Send,
    RB: Send,
    E: Send,
{
    fork::try_join(Some(site), a, b)
}
