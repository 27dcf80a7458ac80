//! How a batch is divided among threads.
//!
//! A thread works through its range a block at a time. Before each block it looks whether another thread could use a part of what
//! is left; if so it forks: the half behind goes on offer, as the second arm of a join does, and whoever takes it goes on in
//! the same way (lazy binary splitting: Tzannes, Caragea, Barua and Vishkin, PPoPP 2010, doi 10.1145/1693453.1693479). So a batch needs
//! no queue of its own, idle threads find its largest parts first, and one that nobody helps with costs a look at a flag
//! per block. Waiting, panics and wake-ups are those of joins.
//!
//! A batch of many items first runs a few alone, under a clock: if all are done in a few microseconds, nobody is troubled.

use super::Body;
use super::sink::Sink;
use super::source::Part;
use crate::panic::{self, LeftOver};
use crate::runtime::parallel;
use crate::task::stop::Stop;
use crate::task::watch::Watch;
use std::mem::forget;
use std::time::{Duration, Instant};

/// Blocks for each worker: how finely the work can be shared out at best.
const BLOCKS_PER_WORKER: usize = 128;

/// So long a block may take: others who ask for work wait for its end, and so does a cancellation.
const BLOCK_TIME: Duration = Duration::from_micros(20);

/// Blocks of fewer items are not timed; that would cost more than it saves.
const TIMED_FROM: usize = 16;

/// A batch that takes less is not worth another thread's while.
pub(super) const WORTH_SHARING: Duration = Duration::from_micros(6);

/// It takes so long to tell how long an item takes.
const MEASURABLE: Duration = Duration::from_nanos(500);

/// A batch begins alone if it has so many items for each worker: then the first one is a small part of the whole.
const TRIED_PER_WORKER: usize = 32;

/// While a batch runs alone, it looks at the clock after one part in so many, at the latest.
const TRIED_OF: usize = 16;

/// Should a batch of `n` items begin alone?
pub(super) fn is_tried(n: usize, workers: usize) -> bool {
    n / TRIED_PER_WORKER >= workers
}

/// What the threads that work on one batch share.
pub(super) struct Job<'a, B> {
    pub(super) body: &'a B,
    pub(super) stop: &'a Stop,
    pub(super) progress: Option<&'a Watch>,
    /// How many threads may work on it.
    workers: usize,
    grain: Option<usize>,
    /// The most items of a block without a grain.
    block_max: usize,
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

/// A range that is worked through from the front, and what its items have left behind. Both are dropped without a panic if one
/// of them fails: the failure came first.
struct Walk<P, K, D> {
    rest: LeftOver<Option<Range<P, K>>>,
    done: LeftOver<Option<D>>,
}

type Outcome<P, B, K> = Result<
    <K as Sink<<B as Body<<P as Part>::Item>>::Output>>::Done,
    Cut<<K as Sink<<B as Body<<P as Part>::Item>>::Output>>::Error>,
>;

impl<P: Part, K, D> Walk<P, K, D> {
    fn new(range: Range<P, K>) -> Self {
        Self {
            rest: LeftOver::new(Some(range)),
            done: LeftOver::new(None),
        }
    }

    fn left(&self) -> usize {
        self.rest.get().as_ref().map_or(0, |rest| rest.items.len())
    }

    /// Takes the next items, or all that are left.
    fn next<T>(&mut self, items: usize) -> Range<P, K>
    where
        K: Sink<T>,
    {
        let Some(rest) = self.rest.get_mut().take() else {
            unreachable!("all items have been taken")
        };
        if items >= rest.items.len() {
            return rest;
        }
        let (next, rest) = rest.split_at::<T>(items);
        *self.rest.get_mut() = Some(rest);
        next
    }

    fn add<T>(&mut self, next: D)
    where
        K: Sink<T, Done = D>,
    {
        let sum = match self.done.get_mut().take() {
            Some(done) => K::merge(done, next),
            None => next,
        };
        *self.done.get_mut() = Some(sum);
    }

    fn end(self) -> D {
        match self.done.take() {
            Some(done) => done,
            None => unreachable!("a range has one block at least"),
        }
    }
}

impl<'a, B> Job<'a, B> {
    /// For a batch of `n` items, to be run by up to so many threads.
    pub(super) fn new(
        body: &'a B,
        n: usize,
        workers: usize,
        grain: Option<usize>,
        stop: &'a Stop,
        progress: Option<&'a Watch>,
    ) -> Self {
        Self {
            body,
            stop,
            progress,
            workers,
            grain,
            block_max: (n / (BLOCKS_PER_WORKER * workers)).max(1),
        }
    }

    /// Runs all items, on this thread and those of the current pool that have time.
    pub(super) fn run<P, K>(&self, items: P, sink: K) -> Outcome<P, B, K>
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
        let block_max = self.block_max;
        if self.grain.is_some() || !is_tried(n, self.workers) {
            return self.share(range, self.grain.unwrap_or(block_max));
        }
        let mut walk = Walk::new(range);
        let (begun, mut next) = (Instant::now(), 1);
        loop {
            let tried = walk.next::<B::Output>(next);
            walk.add::<B::Output>(self.block(tried)?);
            let left = walk.left();
            if left == 0 {
                return Ok(walk.end());
            }
            let (took, ran) = (begun.elapsed(), n - left);
            if is_worth_sharing(took, ran, left) {
                let block = in_time(ran, took).clamp(1, block_max);
                let rest = self.share(walk.next::<B::Output>(left), block)?;
                walk.add::<B::Output>(rest);
                return Ok(walk.end());
            }
            next = (2 * next).min(n / TRIED_OF);
        }
    }

    /// One block after the other, with the half behind on offer whenever somebody may want it.
    fn share<P, K>(&self, range: Range<P, K>, mut block: usize) -> Outcome<P, B, K>
    where
        P: Part,
        B: Body<P::Item>,
        K: Sink<B::Output>,
    {
        let mut walk = Walk::new(range);
        loop {
            let left = walk.left();
            if left > block && self.workers > 1 && parallel::is_wanted() {
                let front = walk.next::<B::Output>(left.div_ceil(2));
                let behind = walk.next::<B::Output>(left);
                let (front, behind) = parallel::fork(
                    || self.share(front, block),
                    || self.share(behind, block),
                    // Behind what was skipped a panic still counts.
                    |front| matches!(front, Err(Cut::Failed(_))),
                );
                let behind = LeftOver::new(behind);
                walk.add::<B::Output>(front?);
                // Nothing but a failure of the front stops what is behind.
                walk.add::<B::Output>(behind.take().unwrap_or(Err(Cut::Skipped))?);
                return Ok(walk.end());
            }
            let begun = (block >= TIMED_FROM && self.grain.is_none()).then(Instant::now);
            let front = walk.next::<B::Output>(block);
            walk.add::<B::Output>(self.block(front)?);
            if walk.left() == 0 {
                return Ok(walk.end());
            }
            // Items further on may take longer, or shorter, than those that were tried.
            if let Some(took) = begun.map(|begun| begun.elapsed())
                && (took > 2 * BLOCK_TIME || took < BLOCK_TIME / 2)
            {
                block = in_time(block, took).clamp(block.min(TIMED_FROM), self.block_max);
            }
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
            panic::skip((items, sink));
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

/// Should others be troubled for the items that are left, after so many took so long?
pub(super) fn is_worth_sharing(took: Duration, ran: usize, left: usize) -> bool {
    let expected = took.as_nanos() * left as u128 / ran as u128;
    took >= WORTH_SHARING || (took >= MEASURABLE && expected >= 2 * WORTH_SHARING.as_nanos())
}

/// How many items to run in [`BLOCK_TIME`], if so many took so long.
fn in_time(items: usize, took: Duration) -> usize {
    let items = BLOCK_TIME.as_nanos() * items as u128 / took.as_nanos().max(1);
    usize::try_from(items).unwrap_or(usize::MAX)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_quick_items_decide_nothing() {
        let nanos = Duration::from_nanos;
        // A thousand empty items: whatever the clock says of the first ones.
        assert!(!is_worth_sharing(nanos(30), 1, 999));
        assert!(!is_worth_sharing(nanos(400), 7, 993));
        assert!(!is_worth_sharing(nanos(900), 127, 873));
        // Items that take long enough to tell.
        assert!(is_worth_sharing(nanos(100_000), 1, 63));
        assert!(is_worth_sharing(nanos(600), 7, 993));
        // A cheap start, then long ones.
        assert!(is_worth_sharing(nanos(6_000), 64, 10));
    }

    #[test]
    fn blocks_follow_the_time_items_take() {
        assert_eq!(in_time(10, BLOCK_TIME), 10);
        assert_eq!(in_time(10, BLOCK_TIME * 20), 0);
        assert_eq!(in_time(usize::MAX, Duration::ZERO), usize::MAX);
    }
}
