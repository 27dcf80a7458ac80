//! `join` in its forms; how an arm is offered to others is in `fork.rs`.

use super::fork;

/// Runs two closures, potentially in parallel, and returns both results.
///
/// The calling thread runs `a` and offers `b` to the other threads of its pool meanwhile; if nobody has taken `b` when
/// `a` is done, it runs `b` itself. If somebody has, it waits, and runs only forks that belong to `b`: a lock held across a
/// join cannot meet unrelated work. Works on any thread: one outside every pool takes part in the
/// [global pool](crate::global), or in the one it is [installed](crate::Pool::install) in. Does not allocate.
///
/// The macro form [`zp::join!`](crate::join!) takes expressions, and any number of them.
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
/// If a closure panics. The other one is not begun, or awaited if it has begun; then the panic resumes, that of `a` before
/// that of `b`.
#[inline]
pub fn join<A, B, RA, RB>(a: A, b: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    match fork::join(a, b, |_| false) {
        (ra, Some(rb)) => (ra, rb),
        (_, None) => unreachable!("nothing stops the second arm"),
    }
}

/// As [`join`] for fallible closures: the leftmost failure wins. Behind `zp::try_join!`.
#[inline]
pub(crate) fn try_join<A, B, RA, RB, E>(a: A, b: B) -> Result<(RA, RB), E>
where
    A: FnOnce() -> Result<RA, E> + Send,
    B: FnOnce() -> Result<RB, E> + Send,
    RA: Send,
    RB: Send,
    E: Send,
{
    match fork::join(a, b, Result::is_err) {
        (Err(error), _) => Err(error),
        (Ok(ra), Some(Ok(rb))) => Ok((ra, rb)),
        (Ok(_), Some(Err(error))) => Err(error),
        (Ok(_), None) => unreachable!("only an error stops the second arm"),
    }
}
