//! Combining results in a shape that depends on nothing but their number.

use super::Body;
use super::drive::{Cut, StopAfterPanic, WORTH_SHARING, is_worth_sharing};
use super::source::Part;
use crate::panic::{self, LeftOver};
use crate::runtime::parallel;
use crate::sync::{AtomicBool, Ordering::Relaxed};
use crate::task::stop::Stop;
use std::convert::Infallible;
use std::mem::forget;
use std::time::Instant;

/// The results are divided into so many blocks, or up to twice as many less one.
const BLOCKS: usize = 256;

/// How many results are combined one after the other, from the left. What the blocks come to is combined as a balanced tree.
pub(super) fn block_of(n: usize) -> usize {
    (n / BLOCKS).max(1)
}

/// What all parts of one reduction share.
pub(super) struct Reduction<'a, B, F> {
    pub(super) body: &'a B,
    pub(super) combine: &'a F,
    pub(super) stop: &'a Stop,
    pub(super) block: usize,
    /// How many threads may work on it.
    pub(super) workers: usize,
    /// When it began alone.
    pub(super) begun: Instant,
    /// Others may take part.
    pub(super) shared: AtomicBool,
}

impl<B, F> Reduction<'_, B, F> {
    /// Combines the results of these items, of which there is at least one. Begins with the first block alone, if nobody knows yet
    /// whether the rest is worth sharing: so that, if it is, the largest parts are shared first.
    pub(super) fn run<P>(&self, items: P) -> Result<B::Output, Cut<Infallible>>
    where
        P: Part,
        B: Body<P::Item>,
        F: Fn(B::Output, B::Output) -> B::Output + Sync,
    {
        let n = items.len();
        if self.is_shared() || n <= self.block {
            return self.tree(0, items);
        }
        let (block, rest) = items.split_at(self.block);
        let rest = LeftOver::new(rest);
        let done = LeftOver::new(self.fold(0, block)?);
        if self.workers > 1 && is_worth_sharing(self.begun.elapsed(), self.block, n - self.block) {
            self.shared.store(true, Relaxed);
        }
        self.tree_behind(done, self.block, rest.take())
    }

    /// Divides the blocks in the middle, until one is left.
    fn tree<P>(&self, first: usize, items: P) -> Result<B::Output, Cut<Infallible>>
    where
        P: Part,
        B: Body<P::Item>,
        F: Fn(B::Output, B::Output) -> B::Output + Sync,
    {
        let blocks = items.len().div_ceil(self.block);
        if blocks <= 1 {
            return self.fold(first, items);
        }
        let middle = blocks.div_ceil(2) * self.block;
        let (left, right) = items.split_at(middle);
        self.both(
            || self.tree(first, left),
            || self.tree(first + middle, right),
        )
    }

    /// As [`Reduction::tree`], of the block before `first` too, which has been combined already.
    fn tree_behind<P>(
        &self,
        done: LeftOver<B::Output>,
        first: usize,
        items: P,
    ) -> Result<B::Output, Cut<Infallible>>
    where
        P: Part,
        B: Body<P::Item>,
        F: Fn(B::Output, B::Output) -> B::Output + Sync,
    {
        if items.len() == 0 {
            panic::skip(items);
            return Ok(done.take());
        }
        let blocks = 1 + items.len().div_ceil(self.block);
        let middle = (blocks.div_ceil(2) - 1) * self.block;
        let (left, right) = items.split_at(middle);
        self.both(
            || self.tree_behind(done, first, left),
            || self.tree(first + middle, right),
        )
    }

    /// Both sides, at the same time if it is worth it, combined.
    fn both<T>(
        &self,
        left: impl FnOnce() -> Result<T, Cut<Infallible>> + Send,
        right: impl FnOnce() -> Result<T, Cut<Infallible>> + Send,
    ) -> Result<T, Cut<Infallible>>
    where
        T: Send,
        F: Fn(T, T) -> T + Sync,
    {
        let (left, right) = if self.is_shared() {
            let (left, right) = parallel::fork(left, right, |_| false);
            (LeftOver::new(left), right.unwrap_or(Err(Cut::Skipped)))
        } else {
            let (right, left) = (LeftOver::new(right), left());
            let left = LeftOver::new(left);
            let right = right.take()();
            (left, right)
        };
        let right = LeftOver::new(right?);
        let left = left.take()?;
        Ok((self.combine)(left, right.take()))
    }

    /// Whether it has taken long enough for others to be troubled.
    fn is_shared(&self) -> bool {
        // Ordering: Relaxed; a hint.
        self.shared.load(Relaxed)
    }

    fn fold<P>(&self, first: usize, items: P) -> Result<B::Output, Cut<Infallible>>
    where
        P: Part,
        B: Body<P::Item>,
        F: Fn(B::Output, B::Output) -> B::Output + Sync,
    {
        if self.stop.skips(first) {
            panic::skip(items);
            return Err(Cut::Skipped);
        }
        let after_panic = StopAfterPanic {
            stop: self.stop,
            first,
        };
        let result = parallel::with_batch_context(self.stop, |cx| {
            let calls = items.items().enumerate();
            let mut results = calls.map(|(at, item)| self.body.call(first + at, item, cx));
            let mut sum = LeftOver::new(results.next()?);
            for result in results {
                sum = LeftOver::new((self.combine)(sum.take(), result));
            }
            Some(sum.take())
        });
        forget(after_panic);
        if self.workers > 1 && !self.is_shared() && self.begun.elapsed() >= WORTH_SHARING {
            self.shared.store(true, Relaxed);
        }
        result.ok_or(Cut::Skipped)
    }
}
