//! Which block at rest is discarded when the store holds too much.
//!
//! # What a page is here
//!
//! Policies for caches choose among pages: things that are asked for by name. Nobody asks for a certain block; all blocks of a class
//! serve equally well. What recurs is how many of them are wanted at once. So a page is a class and a range of *ranks*: rank
//! `r` is the `r`-th block of its class that is out of the store at the same time. A loan from the store while `r - 1` blocks
//! are out references the page of rank `r`; so a class of which one block goes back and forth references rank 1 for ever, and
//! the others grow old.
//!
//! Of the `n` blocks that exist of a class, while `out` of them are out:
//!
//! ```text
//!   ranks    1 ..= out    out+1 ..= n    n+1 ..
//!            in use       at rest        not there (a loan at rank n+1 makes a block)
//! ```
//!
//! Hence the ranks with a block are always the lowest ones, and what is at rest are the highest of those. A policy names a class;
//! one block of it is discarded, and rank `n` is the one that has no block any more.
//!
//! A class has at most [`PAGES`] pages. Small blocks come in great numbers, so a page has as many ranks as make up about a
//! [`PAGES`]-th of the capacity, a power of two; the last page has all ranks that are left over.
//!
//! # Use
//!
//! A policy is kept under a lock and asked on cold paths: a block was made, one has to be discarded, one was freed. Loans from the
//! store only set a bit in [`Referenced`], without a lock.

mod clock_pro;
mod ring;

use super::class::{self, Class};
use crate::sync::{AtomicU64, Ordering::Relaxed};
use clock_pro::ClockPro;
use std::array;

/// Pages of a class: the bits of a word.
const PAGES: usize = 64;

/// How classes are cut into pages: the binary logarithm of the ranks in a page, by class.
#[derive(Debug, Clone, Copy)]
struct Paging([u8; class::COUNT]);

impl Paging {
    /// The least spans with which the pages of any one class make up `capacity` bytes.
    fn new(capacity: usize) -> Self {
        Self(array::from_fn(|index| {
            let ranks = capacity.div_ceil(PAGES * class::size_of_index(index));
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a logarithm is less than 64"
            )]
            {
                ranks.next_power_of_two().trailing_zeros() as u8
            }
        }))
    }

    /// The page of a rank. Ranks begin with 1.
    fn page(&self, class: Class, rank: usize) -> usize {
        (rank.saturating_sub(1) >> self.0[class.index()]).min(PAGES - 1)
    }

    /// How many ranks come before the first of a page.
    fn ranks_before(&self, class: Class, page: usize) -> usize {
        page << self.0[class.index()]
    }
}

/// Which pages were referenced since a hand of the policy last passed them. Written by all threads without a lock.
#[derive(Debug)]
pub(super) struct Referenced {
    bits: [AtomicU64; class::COUNT],
    paging: Paging,
}

impl Referenced {
    /// `capacity` is that of the policy.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            bits: array::from_fn(|_| AtomicU64::new(0)),
            paging: Paging::new(capacity),
        }
    }

    /// Notes that a block was lent from the store while `rank - 1` blocks of its class were out of it.
    #[inline]
    pub(super) fn mark(&self, class: Class, rank: usize) {
        self.set(class, self.paging.page(class, rank));
    }

    #[inline]
    fn set(&self, class: Class, page: usize) {
        let (word, bit) = (&self.bits[class.index()], 1 << page);
        // Ordering: Relaxed, here and below; the bits are hints, and nothing is published by them. Looking first keeps the cache
        // line shared among threads that reference the same pages again and again.
        if word.load(Relaxed) & bit == 0 {
            word.fetch_or(bit, Relaxed);
        }
    }

    /// Reads and clears.
    fn take(&self, class: Class, page: usize) -> bool {
        let (word, bit) = (&self.bits[class.index()], 1 << page);
        word.load(Relaxed) & bit != 0 && word.fetch_and(!bit, Relaxed) & bit != 0
    }
}

/// Chooses what is discarded.
///
/// Its owner reports each block that is made (`fault`) and each that ceases to be (`discarded`, `gone`), or the policy's idea of
/// how many there are goes wrong; that makes for poor choices and nothing worse.
#[derive(Debug)]
pub(super) enum Policy {
    /// Last in, first out of the pool: who comes when the store is full has to go.
    Lifo,
    /// Discards what has not been wanted for long, and learns how long is long.
    ClockPro(Box<ClockPro>),
}

impl Policy {
    /// CLOCK-Pro for a store of `capacity` bytes. Allocates about 10 KiB, and up to 16 times that when a block is made.
    pub(super) fn clock_pro(capacity: usize) -> Self {
        Self::ClockPro(Box::new(ClockPro::new(capacity)))
    }

    /// A block of that class had to be made.
    pub(super) fn fault(&mut self, referenced: &Referenced, class: Class) {
        match self {
            Self::Lifo => {}
            Self::ClockPro(clock) => clock.fault(referenced, class),
        }
    }

    /// Chooses the class of which a block is to be discarded; none if there is nothing to choose from.
    ///
    /// `at_rest` says how many blocks of a class could be discarded now. `newcomer` is the class of a block that is on its
    /// way into the store, and may itself be what is discarded; `at_rest` does not count it. Without a newcomer room
    /// is wanted for something else.
    ///
    /// Nothing counts as discarded until [`Policy::discarded`] says so; who finds no block of the class any more asks again.
    #[must_use]
    pub(super) fn victim(
        &mut self,
        referenced: &Referenced,
        at_rest: impl Fn(Class) -> usize,
        newcomer: Option<Class>,
    ) -> Option<Class> {
        match self {
            // Without a newcomer the largest, so that few are lost.
            Self::Lifo => newcomer.or_else(|| Class::all().filter(|&c| at_rest(c) > 0).last()),
            Self::ClockPro(clock) => clock.victim(referenced, |class| {
                at_rest(class) + usize::from(newcomer == Some(class))
            }),
        }
    }

    /// Blocks of the class that [`Policy::victim`] has just chosen were discarded: one, or those of some spans, which count as the
    /// choice of one.
    pub(super) fn discarded(&mut self, referenced: &Referenced, class: Class, blocks: usize) {
        match self {
            Self::Lifo => {}
            Self::ClockPro(clock) => {
                clock.discarded(referenced, class);
                for _ in 1..blocks {
                    clock.gone(referenced, class);
                }
            }
        }
    }

    /// A block of that class was freed for another reason, which says nothing of how much it is wanted.
    pub(super) fn gone(&mut self, referenced: &Referenced, class: Class) {
        match self {
            Self::Lifo => {}
            Self::ClockPro(clock) => clock.gone(referenced, class),
        }
    }
}

#[cfg(test)]
mod tests;
