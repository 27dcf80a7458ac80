#![allow(unsafe_code)] // Fences: taking an arm or a result out of a job in this frame.
//! A join: two plain calls, or an offer.

use super::job::ForkJob;
use crate::panic::{self, Bomb, Payload};
use crate::runtime::worker::Worker;
use crate::runtime::{current, global};

/// Runs `a`, and `b` unless `stop` says otherwise after `a` and nobody has begun it.
///
/// If `a` panics, `b` is dropped if nobody has begun it and awaited otherwise, and then the panic resumes. Every
/// value that is not returned is dropped before.
#[inline]
pub(in crate::runtime) fn join<A, B, RA, RB>(
    a: A,
    b: B,
    stop: impl FnOnce(&RA) -> bool,
) -> (RA, Option<RB>)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB + Send,
    RB: Send,
{
    if current::is_quiet() {
        plain(a, b, stop)
    } else {
        open(a, b, stop)
    }
}

/// One arm after the other.
#[inline]
fn plain<A, B, RA, RB>(a: A, b: B, stop: impl FnOnce(&RA) -> bool) -> (RA, Option<RB>)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB,
{
    let b = LeftOver(Some(b));
    let ra = LeftOver(Some(a()));
    if ra.0.as_ref().is_some_and(stop) {
        skip(b.take());
        return (ra.take(), None);
    }
    let rb = b.take()();
    (ra.take(), Some(rb))
}

/// A value that a panic leaves over: dropped while unwinding, where a second panic must not escape.
struct LeftOver<T>(Option<T>);

impl<T> LeftOver<T> {
    #[inline]
    fn take(mut self) -> T {
        match self.0.take() {
            Some(value) => value,
            None => unreachable!("taken once, by value"),
        }
    }
}

impl<T> Drop for LeftOver<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            skip(value);
        }
    }
}

/// A join on a thread that is not quiet.
#[cold]
#[inline(never)]
fn open<A, B, RA, RB>(a: A, b: B, stop: impl FnOnce(&RA) -> bool) -> (RA, Option<RB>)
where
    A: FnOnce() -> RA,
    B: FnOnce() -> RB + Send,
    RB: Send,
{
    current::with(|place| {
        if let Some(worker) = place.and_then(current::Place::worker) {
            return offer(worker, a, b, stop);
        }
        let registry = match place {
            Some(place) => place.registry(),
            None => global::registry(),
        };
        registry.with_desk(|worker| match worker {
            Some(worker) => offer(worker, a, b, stop),
            None => plain(a, b, stop),
        })
    })
}

/// Runs `a` here and offers `b` to others meanwhile.
fn offer<A, B, RA, RB>(
    worker: Worker<'_>,
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
    forks.offer(job.item(worker.desk.execution.get()));
    worker.offered();
    forks.resume_if_taken();
    let ra = panic::catch(a);
    match forks.take_back() {
        Some(item) => {
            assert!(job.is(item), "fork deque out of order");
            bomb.defuse();
            returned(worker);
            // SAFETY: 1. the job has just been popped, and was pushed once.
            let b = unsafe { job.take_arm() };
            match ra {
                Ok(ra) if stop(&ra) => {
                    skip(b);
                    (ra, None)
                }
                Ok(ra) => match panic::catch(b) {
                    Ok(rb) => (ra, Some(rb)),
                    Err(payload) => resume_after(payload, ra),
                },
                Err(payload) => resume_after(payload, b),
            }
        }
        None => {
            // All older ones are taken too. The thief clears the flag as well, but perhaps not yet.
            forks.resume();
            worker.wait_for(job.latch());
            bomb.defuse();
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

/// A fork has come back: nobody took it. Later joins make offers again if nothing is on offer any more, and if offering
/// pays.
fn returned(worker: Worker<'_>) {
    let forks = &worker.desk.forks;
    if !forks.is_empty() {
        return;
    }
    let registry = worker.registry;
    if forks.tokens.pay(registry.forking.price) || !registry.sleep.may_pause() {
        forks.resume();
    }
}

/// Drops an arm that will not run. It counts as not started, so a panic of its destructor is to the right of the
/// failure that skipped it, and loses.
fn skip<T>(arm: T) {
    if let Err(payload) = panic::drop_caught(arm) {
        panic::discard(payload);
    }
}

/// Drops what is left over, so that a second panic cannot abort the process, and resumes the first.
fn resume_after<T>(payload: Payload, left_over: T) -> ! {
    skip(left_over);
    std::panic::resume_unwind(payload)
}
