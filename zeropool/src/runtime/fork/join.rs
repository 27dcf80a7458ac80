#![allow(unsafe_code)] // Fences: taking an arm or a result out of a job in this frame.
//! A join: two plain calls, or an offer.

use super::job::ForkJob;
use super::site::JoinSite;
use crate::panic::{self, Bomb, LeftOver, Payload};
use crate::runtime::worker::Worker;
use crate::runtime::{current, global};
use std::mem::needs_drop;
use std::time::Instant;

/// Runs `a` and `b`.
///
/// If `a` panics, `b` is dropped if nobody has begun it and awaited otherwise, and then the panic resumes. Every
/// value that is not returned is dropped before.
// Inlined always, and with as little as possible beside the two calls: it decides how the compiler inlines the arms.
#[inline(always)]
pub(in crate::runtime) fn join<A, B, RA, RB>(site: Option<&JoinSite>, a: A, b: B) -> (RA, RB)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB + Send,
    RB: Send,
{
    if makes_offer(site) {
        return open_both(site, a, b);
    }
    let b = LeftOver::new(b);
    if !needs_drop::<RA>() {
        // Nothing to guard. The result stays where `a` wrote it; see `try_join` for what a copy may cost.
        let ra = a();
        return (ra, b.take()());
    }
    let ra = LeftOver::new(a());
    let rb = b.take()();
    (ra.take(), rb)
}

#[inline(always)]
fn makes_offer(site: Option<&JoinSite>) -> bool {
    // One comparison: quiet or not, long arms or not.
    site.map_or(0, JoinSite::score) >= current::quiet()
}

/// As [`join`], but `b` is skipped if `stop` says so after `a` and nobody has begun it.
#[inline(always)]
pub(in crate::runtime) fn join_unless<A, B, RA, RB>(
    site: Option<&JoinSite>,
    a: A,
    b: B,
    stop: impl FnOnce(&RA) -> bool,
) -> (RA, Option<RB>)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB + Send,
    RB: Send,
{
    if makes_offer(site) {
        return open(site, a, b, stop);
    }
    let b = LeftOver::new(b);
    let ra = LeftOver::new(a());
    if stop(ra.get()) {
        drop(b);
        return (ra.take(), None);
    }
    let rb = b.take()();
    (ra.take(), Some(rb))
}

/// As [`join`] for fallible closures: an error of `a` skips `b` if nobody has begun it, and the leftmost failure wins.
#[inline(always)]
pub(in crate::runtime) fn try_join<A, B, RA, RB, E>(
    site: Option<&JoinSite>,
    a: A,
    b: B,
) -> Result<(RA, RB), E>
where
    A: FnOnce() -> Result<RA, E>,
    B: FnOnce() -> Result<RB, E> + Send,
    RB: Send,
    E: Send,
{
    if makes_offer(site) {
        return try_open_both(site, a, b);
    }
    // Results are taken apart where the arms wrote them. A copy of a whole one reads tag and payload in other pieces than they
    // were written in, for which the processor waits several times as long as a join takes.
    let b = LeftOver::new(b);
    let ra = LeftOver::new(a()?);
    match b.take()() {
        Ok(rb) => Ok((ra.take(), rb)),
        Err(error) => ra.drop_before(Err(error)),
    }
}

#[cold]
#[inline(never)]
fn try_open_both<A, B, RA, RB, E>(site: Option<&JoinSite>, a: A, b: B) -> Result<(RA, RB), E>
where
    A: FnOnce() -> Result<RA, E>,
    B: FnOnce() -> Result<RB, E> + Send,
    RB: Send,
    E: Send,
{
    match open(site, a, b, Result::is_err) {
        (Err(error), _) => Err(error),
        (Ok(ra), Some(Ok(rb))) => Ok((ra, rb)),
        (Ok(ra), Some(Err(error))) => LeftOver::new(ra).drop_before(Err(error)),
        (Ok(_), None) => unreachable!("only an error stops the second arm"),
    }
}

#[cold]
#[inline(never)]
fn open_both<A, B, RA, RB>(site: Option<&JoinSite>, a: A, b: B) -> (RA, RB)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB + Send,
    RB: Send,
{
    match open(site, a, b, |_| false) {
        (ra, Some(rb)) => (ra, rb),
        (_, None) => unreachable!("nothing stops the second arm"),
    }
}

/// A join that makes an offer.
#[cold]
#[inline(never)]
fn open<A, B, RA, RB>(
    site: Option<&JoinSite>,
    a: A,
    b: B,
    stop: impl FnOnce(&RA) -> bool,
) -> (RA, Option<RB>)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB + Send,
    RB: Send,
{
    current::with(|place| {
        if let Some(worker) = place.and_then(current::Place::worker) {
            return offer(worker, site, a, b, stop);
        }
        let registry = match place {
            Some(place) => place.registry(),
            None => global::registry(),
        };
        registry.with_desk(|worker| match worker {
            Some(worker) => offer(worker, site, a, b, stop),
            None => alone(a, b, stop),
        })
    })
}

/// One arm after the other on a thread that finds no desk. Not as in [`join`]: calls of the arms outside the hot path keep
/// the compiler from inlining them there.
fn alone<A, B, RA, RB>(a: A, b: B, stop: impl FnOnce(&RA) -> bool) -> (RA, Option<RB>)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB,
{
    and_then(panic::catch_cold(a), b, stop)
}

/// Runs `a` here and offers `b` to others meanwhile.
fn offer<A, B, RA, RB>(
    worker: Worker<'_>,
    site: Option<&JoinSite>,
    a: A,
    b: B,
    stop: impl FnOnce(&RA) -> bool,
) -> (RA, Option<RB>)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB + Send,
    RB: Send,
{
    let forks = &worker.desk.forks;
    let job = ForkJob::new(b);
    // From here to the end of the wait, others may hold a pointer into this frame.
    let bomb = Bomb("a join's second arm is on offer");
    let counters = &worker.slot().counters;
    counters.offered.bump();
    forks.offer(job.item(worker.desk.execution.get()));
    worker.offered();
    forks.resume_if_taken();
    let timed = forks.tokens.is_timed();
    forks.probe();
    let timed = site.filter(|site| timed || site.is_hopeful());
    let begun = timed.map(|_| Instant::now());
    let ra = panic::catch_cold(a);
    let first = begun.map(|begun| begun.elapsed());
    match forks.take_back() {
        Some(item) => {
            assert!(job.is(item), "fork deque out of order");
            bomb.defuse();
            let registry = worker.registry;
            if forks.returned(
                registry.forking.price,
                &registry.sleep,
                &worker.desk.executing,
            ) {
                counters.paused.bump();
            }
            // SAFETY: 1. the job has just been popped, and was pushed once.
            let b = unsafe { job.take_arm() };
            let begun = first.map(|_| Instant::now());
            let results = and_then(ra, b, stop);
            // A skipped arm says nothing about how long it is.
            if let (Some(site), Some(first), Some(begun), Some(_)) =
                (timed, first, begun, &results.1)
            {
                site.sample(first.min(begun.elapsed()));
            }
            results
        }
        None => {
            counters.taken.bump();
            // All older ones are taken too. The thief clears the flag as well, but perhaps not yet.
            forks.resume();
            worker.wait_for(job.latch());
            bomb.defuse();
            assert!(
                job.latch().is_done(),
                "this process was forked while another thread ran the second arm of a join, which has ended in the parent only"
            );
            // It was on offer for a while before it was taken, so it is likely as long as the first.
            if let (Some(site), Some(first)) = (timed, first) {
                site.sample(first);
            }
            // SAFETY: 1. the latch is done; the job was stolen and run once.
            let rb = unsafe { job.take_result() };
            match (ra, rb) {
                (Ok(ra), Ok(rb)) => (ra, Some(rb)),
                // The leftmost failure wins: an error of `a` before a panic of `b`.
                (Ok(ra), Err(payload)) if stop(&ra) => {
                    panic::discard(payload);
                    (ra, None)
                }
                (Ok(ra), Err(payload)) => resume_after(payload, ra),
                (Err(payload), Ok(rb)) => resume_after(payload, rb),
                (Err(first), Err(second)) => {
                    panic::discard(second);
                    std::panic::resume_unwind(first)
                }
            }
        }
    }
}

/// The second arm after the first, on the same thread.
fn and_then<B, RA, RB>(
    ra: Result<RA, Payload>,
    b: B,
    stop: impl FnOnce(&RA) -> bool,
) -> (RA, Option<RB>)
where
    B: FnOnce() -> RB,
{
    match ra {
        Ok(ra) if stop(&ra) => {
            panic::skip(b);
            (ra, None)
        }
        Ok(ra) => match panic::catch_cold(b) {
            Ok(rb) => (ra, Some(rb)),
            Err(payload) => resume_after(payload, ra),
        },
        Err(payload) => resume_after(payload, b),
    }
}

/// Drops what is left over, so that a second panic cannot abort the process, and resumes the first.
fn resume_after<T>(payload: Payload, left_over: T) -> ! {
    panic::skip(left_over);
    std::panic::resume_unwind(payload)
}
