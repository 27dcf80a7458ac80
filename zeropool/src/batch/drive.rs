//! How a batch is divided among threads.
//!
//! A thread works through its range a block at a time. Before each block it looks whether another thread could use a part of what
//! is left; if so it forks: the half behind goes on offer, as the second arm of a join does, and whoever takes it goes on in
//! the same way (lazy binary splitting: Tzannes, Caragea, Barua and Vishkin, PPoPP 2010, doi 10.1145/1693453.1693479). So a batch needs
//! no queue of its own, idle threads find its largest parts first, and one that nobody helps with costs a look at a flag
//! per block. Waiting, panics and wake-ups are those of joins.
//!
//! A batch of many items first runs a few alone and times them: if all would be done in a few microseconds, nobody is
//! troubled.

use super::Body;
use super::sink::Sink;
use super::source::Part;
use super::spawned::Watch;
use crate::runtime::parallel;
use crate::task::stop::Stop;
use std::mem::forget;
use std::time::{Duration, Instant};

/// Blocks for each worker: how finely the work can be shared out at best.
const BLOCKS_PER_WORKER: usize = 128;

/// The longest block, in items.
const BLOCK_MAX: usize = 1024;

/// Batches of so many items are tried out first, on one item in [`TRIED_OF`].
const TRIED_FROM: usize = 64;
const TRIED_OF: usize = 128;

/// So long a block may take, as far as the items that were tried out can tell: others who ask for work wait for its end.
const BLOCK_TIME: Duration = Duration::from_micros(20);

/// A batch that takes less is not worth another thread's while.
const WORTH_SHARING: Duration = Duration::from_micros(6);

/// What the threads that work on one batch share.
pub(super) struct Job<'a, B> {
    pub(super) body: &'a B,
    pub(super) stop: &'a Stop,
    pub(super) progress: Option<&'a Watch>,
}

/// Why a range has left nothing behind.
#[derive(Debug)]
pub(super) enum Cut<E> {
    /// An item failed.
    Failed(E),
    /// It was skipped: the batch is cancelled, or an item before it failed.
    Skipped,
}

/// A range of items, and the places for their results.
struct Range<P, K> {
    /// The index of the first item.
    first: usize,
    items: P,
    sink: K,
}

impl<P: Part, K> Range<P, K> {
    fn split_at<T>(self, at: usize) -> (Self, Self)
    where
        K: Sink<T>,
    {
        let (items, sink) = (self.items.split_at(at), self.sink.split_at(at));
        let left = Self {
            first: self.first,
            items: items.0,
            sink: sink.0,
        };
        let right = Self {
            first: self.first + at,
            items: items.1,
            sink: sink.1,
        };
        (left, right)
    }
}

/// What is left behind by a range whose parts come one after the other.
struct Sum<D>(Option<D>);

type Outcome<P, B, K> = Result<
    <K as Sink<<B as Body<<P as Part>::Item>>::Output>>::Done,
    Cut<<K as Sink<<B as Body<<P as Part>::Item>>::Output>>::Error>,
>;

impl<B> Job<'_, B> {
    /// Runs all items, on this thread and those of the current pool that have time, of which there are `workers` at best.
    pub(super) fn run<P, K>(
        &self,
        workers: usize,
        grain: Option<usize>,
        items: P,
        sink: K,
    ) -> Outcome<P, B, K>
    where
        P: Part,
        B: Body<P::Item>,
        K: Sink<B::Output>,
    {
        let n = items.len();
        let range = Range {
            first: 0,
            items,
            sink,
        };
        if workers == 1 {
            return self.alone(range, n.div_ceil(BLOCKS_PER_WORKER));
        }
        let finest = (n / (BLOCKS_PER_WORKER * workers)).clamp(1, BLOCK_MAX);
        if n < TRIED_FROM {
            return self.share(range, grain.unwrap_or(finest));
        }
        let tried = n / TRIED_OF + 1;
        let (first, rest) = range.split_at::<B::Output>(tried);
        let begun = Instant::now();
        let done = self.block(first)?;
        let took = begun.elapsed().as_nanos();
        let rest = if took * (n - tried) as u128 / (tried as u128) < WORTH_SHARING.as_nanos() {
            self.alone(rest, n)
        } else {
            let in_time = BLOCK_TIME.as_nanos() * tried as u128 / took.max(1);
            let block = finest
                .min(usize::try_from(in_time).unwrap_or(finest))
                .max(1);
            self.share(rest, grain.unwrap_or(block))
        };
        Ok(K::merge(done, rest?))
    }

    /// One block after the other, on this thread.
    fn alone<P, K>(&self, mut range: Range<P, K>, block: usize) -> Outcome<P, B, K>
    where
        P: Part,
        B: Body<P::Item>,
        K: Sink<B::Output>,
    {
        let mut done = Sum(None);
        while range.items.len() > block {
            let (next, rest) = range.split_at::<B::Output>(block);
            done = done.and::<B::Output, K>(self.block(next)?);
            range = rest;
        }
        Ok(done.and_last::<B::Output, K>(self.block(range)?))
    }

    /// One block after the other, with the half behind on offer whenever somebody may want it.
    fn share<P, K>(&self, mut range: Range<P, K>, block: usize) -> Outcome<P, B, K>
    where
        P: Part,
        B: Body<P::Item>,
        K: Sink<B::Output>,
    {
        let mut done = Sum(None);
        loop {
            let left = range.items.len();
            if left <= block {
                return Ok(done.and_last::<B::Output, K>(self.block(range)?));
            }
            if parallel::is_wanted() {
                let (front, behind) = range.split_at::<B::Output>(left.div_ceil(2));
                let front = || self.share(front, block);
                let behind = || self.share(behind, block);
                let (front, behind) = parallel::fork(front, behind, |front| {
                    // Behind what was skipped a panic still counts.
                    matches!(front, Err(Cut::Failed(_)))
                });
                done = done.and::<B::Output, K>(front?);
                // Nothing but a failure of the front stops what is behind.
                return match behind {
                    Some(behind) => Ok(done.and_last::<B::Output, K>(behind?)),
                    None => Err(Cut::Skipped),
                };
            }
            let (next, rest) = range.split_at::<B::Output>(block);
            done = done.and::<B::Output, K>(self.block(next)?);
            range = rest;
        }
    }

    /// Runs the items of a range here, unless they are to be skipped.
    fn block<P, K>(&self, range: Range<P, K>) -> Outcome<P, B, K>
    where
        P: Part,
        B: Body<P::Item>,
        K: Sink<B::Output>,
    {
        let Range { first, items, sink } = range;
        if self.stop.skips(first) {
            return Err(Cut::Skipped);
        }
        let n = items.len();
        let after_panic = StopAfterPanic {
            stop: self.stop,
            first,
        };
        let done = parallel::with_batch_context(self.stop, |cx| {
            let calls = items.items().enumerate();
            let results = calls.map(|(at, item)| self.body.call(first + at, item, cx));
            sink.fill(first, results, self.stop)
        });
        forget(after_panic);
        if let Some(progress) = self.progress {
            progress.add(n);
        }
        done.map_err(Cut::Failed)
    }
}

impl<D> Sum<D> {
    fn and<T, K: Sink<T, Done = D>>(self, next: D) -> Self {
        Self(Some(self.and_last::<T, K>(next)))
    }

    fn and_last<T, K: Sink<T, Done = D>>(self, next: D) -> D {
        match self.0 {
            Some(done) => K::merge(done, next),
            None => next,
        }
    }
}

/// Lets others skip what comes after a block that panics.
pub(super) struct StopAfterPanic<'a> {
    pub(super) stop: &'a Stop,
    pub(super) first: usize,
}

impl Drop for StopAfterPanic<'_> {
    fn drop(&mut self) {
        self.stop.from(self.first + 1);
    }
}
