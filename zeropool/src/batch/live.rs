#![allow(unsafe_code)] // Fences: ranges of live items in memory that somebody else keeps.
//! Items by value, and results: ranges of live items, in the memory of a vector or a slice that outlives them.

use super::source::{Counted, Part, Source};
use crate::panic;
use std::marker::PhantomData;
use std::mem::{MaybeUninit, forget, needs_drop};
use std::ptr::NonNull;
use std::slice;

/// Items by value.
#[derive(Debug)]
pub struct EachOwned<T>(Vec<T>);

/// The items of a vector, each to be given away.
pub fn each_owned<T>(items: Vec<T>) -> EachOwned<T> {
    EachOwned(items)
}

/// Live items, which it yields or drops. Forgotten, it leaks them.
#[derive(Debug)]
pub struct Live<'a, T> {
    /// Where item 0 is or was. Invariant: the items from `from` to `to` are live, and belong to this value alone.
    base: NonNull<T>,
    from: usize,
    to: usize,
    memory: PhantomData<&'a mut [T]>,
}

// SAFETY: it owns its items as a vector would, and touches no others.
unsafe impl<T: Send> Send for Live<'_, T> {}

impl<T> Counted for EachOwned<T> {
    fn len(&self) -> usize {
        self.0.len()
    }
}

impl<T> Counted for Live<'_, T> {
    fn len(&self) -> usize {
        self.to - self.from
    }
}

impl<T: Send> Source for EachOwned<T> {
    type Item = T;
    type Part<'a>
        = Live<'a, T>
    where
        Self: 'a;

    fn part(&mut self) -> Live<'_, T> {
        let to = self.0.len();
        // SAFETY: 0 is not more than the capacity, and of no items all are initialised.
        unsafe { self.0.set_len(0) };
        // SAFETY: a vector's pointer is never null. The vector stays borrowed, so it neither moves its items nor frees them;
        // it has just given them up.
        let base = unsafe { NonNull::new_unchecked(self.0.as_mut_ptr()) };
        Live {
            base,
            from: 0,
            to,
            memory: PhantomData,
        }
    }
}

impl<T: Send> Part for Live<'_, T> {
    type Item = T;
    type Items = Self;

    fn split_at(mut self, at: usize) -> (Self, Self) {
        assert!(at <= self.to - self.from, "split inside the part");
        let middle = self.from + at;
        let right = Self {
            base: self.base,
            from: middle,
            to: self.to,
            memory: PhantomData,
        };
        self.to = middle;
        (self, right)
    }

    fn items(self) -> Self {
        self
    }
}

impl<T> Iterator for Live<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if self.from == self.to {
            return None;
        }
        // SAFETY: below `to`, so inside the memory.
        let item = unsafe { self.base.add(self.from) };
        self.from += 1;
        // SAFETY: by the invariant of `base` it was live and ours; `from` has moved beyond it.
        Some(unsafe { item.read() })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.to - self.from;
        (left, Some(left))
    }
}

impl<T> Drop for Live<'_, T> {
    fn drop(&mut self) {
        if needs_drop::<T>() {
            panic::drop_each(self.by_ref());
        }
    }
}

impl<'a, T> Live<'a, T> {
    /// Both ranges as one; they come from the same memory and adjoin.
    pub(super) fn and(mut self, right: Self) -> Self {
        assert!(
            self.base == right.base && self.to == right.from,
            "results of adjoining ranges"
        );
        self.to = right.to;
        forget(right);
        self
    }

    /// The items, if there are `n`, beginning with the first: they belong to the memory from now on.
    pub(super) fn settle(self, n: usize) -> &'a mut [T] {
        assert!(
            (self.from, self.to) == (0, n),
            "a source yielded fewer items than it said"
        );
        let base = self.base;
        forget(self);
        // SAFETY: by the invariant of `base` the first `n` items are live and were ours alone, for as long as the memory is
        // borrowed.
        unsafe { slice::from_raw_parts_mut(base.as_ptr(), n) }
    }
}

/// Places for results that are not there yet.
#[derive(Debug)]
pub(super) struct Places<'a, T> {
    /// Place 0. Invariant: those from `from` to `to` may be written, by this value alone.
    base: NonNull<T>,
    from: usize,
    to: usize,
    memory: PhantomData<&'a mut [MaybeUninit<T>]>,
}

// SAFETY: it is a unique borrow of its places.
unsafe impl<T: Send> Send for Places<'_, T> {}

impl<'a, T> Places<'a, T> {
    pub(super) fn new(memory: &'a mut [MaybeUninit<T>]) -> Self {
        let to = memory.len();
        // SAFETY: a slice's pointer is never null; `MaybeUninit<T>` is laid out as `T`.
        let base = unsafe { NonNull::new_unchecked(memory.as_mut_ptr().cast()) };
        Self {
            base,
            from: 0,
            to,
            memory: PhantomData,
        }
    }

    pub(super) fn split_at(mut self, at: usize) -> (Self, Self) {
        assert!(at <= self.to - self.from, "split inside the places");
        let middle = self.from + at;
        let right = Self {
            base: self.base,
            from: middle,
            to: self.to,
            memory: PhantomData,
        };
        self.to = middle;
        (self, right)
    }

    /// Writes these results, as far as there are places. If the iterator panics, those written are dropped.
    pub(super) fn fill(self, results: impl Iterator<Item = T>) -> Live<'a, T> {
        let mut written = Live {
            base: self.base,
            from: self.from,
            to: self.from,
            memory: PhantomData,
        };
        // SAFETY: `from` is not more than `to`, so this is inside the memory or at its end.
        let first = unsafe { self.base.add(self.from) };
        // SAFETY: by the invariant of `base` these places are ours to write, for as long as the memory is borrowed, and
        // `MaybeUninit<T>` is laid out as `T`.
        let places = unsafe {
            slice::from_raw_parts_mut(first.cast::<MaybeUninit<T>>().as_ptr(), self.to - self.from)
        };
        // In this form the compiler sees one loop with one end.
        for (place, result) in places.iter_mut().zip(results) {
            place.write(result);
            written.to += 1;
        }
        written
    }
}

/// Fills a new vector of `n` items.
///
/// `fill` gets the places for all of them, and returns them filled, or an error.
pub(super) fn fill_vec<T, E>(
    n: usize,
    fill: impl FnOnce(Places<'_, T>) -> Result<Live<'_, T>, E>,
) -> Result<Vec<T>, E> {
    let mut items = Vec::with_capacity(n);
    let places = Places::new(&mut items.spare_capacity_mut()[..n]);
    let base = places.base;
    let filled = fill(places)?;
    assert!(filled.base == base, "the places of this vector");
    filled.settle(n);
    // SAFETY: the vector has capacity for `n`, and `settle` has found the first `n` of its items, at the vector's own memory, live.
    unsafe { items.set_len(n) };
    Ok(items)
}
