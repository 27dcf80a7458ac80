//! Combining results in a shape that depends on nothing but their number.

use super::Body;
use super::drive::{Cut, StopAfterPanic};
use super::source::Part;
use crate::runtime::parallel;
use crate::task::stop::Stop;
use std::convert::Infallible;
use std::mem::forget;

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
}

impl<B, F> Reduction<'_, B, F> {
    /// Combines the results of these items, of which there is at least one.
    pub(super) fn tree<P>(&self, first: usize, items: P) -> Result<B::Output, Cut<Infallible>>
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
        let left = || self.tree(first, left);
        let right = || self.tree(first + middle, right);
        match parallel::fork(left, right, |_| false) {
            (Ok(left), Some(Ok(right))) => Ok((self.combine)(left, right)),
            (Err(cut), _) | (_, Some(Err(cut))) => Err(cut),
            (Ok(_), None) => Err(Cut::Skipped),
        }
    }

    fn fold<P>(&self, first: usize, items: P) -> Result<B::Output, Cut<Infallible>>
    where
        P: Part,
        B: Body<P::Item>,
        F: Fn(B::Output, B::Output) -> B::Output + Sync,
    {
        if self.stop.skips(first) {
            return Err(Cut::Skipped);
        }
        let after_panic = StopAfterPanic {
            stop: self.stop,
            first,
        };
        let result = parallel::with_batch_context(self.stop, |cx| {
            let calls = items.items().enumerate();
            calls
                .map(|(at, item)| self.body.call(first + at, item, cx))
                .reduce(self.combine)
                .ok_or(Cut::Skipped)
        });
        forget(after_panic);
        result
    }
}
