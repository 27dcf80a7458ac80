//! Where the items of a batch come from.
//!
//! A [`Source`] owns or borrows all items; a [`Part`] of it is a range of them, which can be split in two and which yields
//! them in order. A part borrows its source, so that items which are given by value have a home that outlives all parts.

use std::error::Error;
use std::fmt;
use std::iter::{RepeatN, repeat_n};
use std::mem;
use std::ops::Range;
use std::slice;

/// Something of a known length, whatever it holds.
pub trait Counted {
    /// How many items there are.
    fn len(&self) -> usize;

    /// Is there nothing to do?
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// All items of a batch; see [`IntoSource`](crate::IntoSource) for what can be one. Not to be implemented by hand: it is public so that
/// functions can take or return any batch, as shown at [`Body`](crate::Body).
///
/// # Examples
///
/// ```
/// use zp::{Batch, Body, Source};
///
/// fn count<S: Source, B: Body<S::Item>>(batch: &Batch<S, B>) -> usize {
///     batch.len()
/// }
///
/// assert_eq!(count(&zp::map(&["a", "b"], |text| text.len())), 2);
/// ```
pub trait Source: Counted + Send {
    /// What the body is given.
    type Item: Send;
    /// A range of the items.
    type Part<'a>: Part<Item = Self::Item>
    where
        Self: 'a;

    /// All items, taken out of the source.
    fn part(&mut self) -> Self::Part<'_>;
}

/// A range of a source's items. One that yields fewer or more items than it says does no harm: it gives
/// wrong results or a panic.
pub trait Part: Counted + Send + Sized {
    /// As in [`Source`].
    type Item: Send;
    /// The items, in order.
    type Items: Iterator<Item = Self::Item>;

    /// Splits it before the item `at`, which is not more than the length.
    fn split_at(self, at: usize) -> (Self, Self);

    /// The items, in order.
    fn items(self) -> Self::Items;
}

/// Items by reference.
#[derive(Debug)]
pub struct EachRef<'a, T>(&'a [T]);

/// Items by mutable reference.
#[derive(Debug)]
pub struct EachMut<'a, T>(&'a mut [T]);

/// Up to so many items at a time.
#[derive(Debug)]
pub struct ChunksRef<'a, T> {
    rows: &'a [T],
    n: usize,
}

/// Up to so many items at a time, mutably.
#[derive(Debug)]
pub struct ChunksMut<'a, T> {
    rows: &'a mut [T],
    n: usize,
}

/// No items, but so many calls.
#[derive(Debug)]
pub struct Times(usize);

/// The numbers of a range.
#[derive(Debug)]
pub struct Numbers(Range<usize>);

/// Two sources side by side, of equal lengths.
#[derive(Debug)]
pub struct Zip<A, B>(A, B);

/// The items of a slice.
pub fn each_ref<T>(items: &[T]) -> EachRef<'_, T> {
    EachRef(items)
}

/// The items of a slice, to be changed.
pub fn each_mut<T>(items: &mut [T]) -> EachMut<'_, T> {
    EachMut(items)
}

/// The chunks of a slice.
///
/// # Panics
/// If `n` is 0.
#[track_caller]
pub fn chunks_ref<T>(rows: &[T], n: usize) -> ChunksRef<'_, T> {
    assert!(n > 0, "a chunk of 0 items: the length must be 1 or more");
    ChunksRef { rows, n }
}

/// The chunks of a slice, to be changed.
///
/// # Panics
/// If `n` is 0.
#[track_caller]
pub fn chunks_mut<T>(rows: &mut [T], n: usize) -> ChunksMut<'_, T> {
    assert!(n > 0, "a chunk of 0 items: the length must be 1 or more");
    ChunksMut { rows, n }
}

/// So many calls without an item.
pub fn times(n: usize) -> Times {
    Times(n)
}

pub(super) fn numbers(range: Range<usize>) -> Numbers {
    Numbers(range)
}

/// Two sources side by side; `names` are what the user calls them.
///
/// # Errors
/// If their lengths differ.
pub fn zip<A: Counted, B: Counted>(
    a: A,
    b: B,
    names: [&'static str; 2],
) -> Result<Zip<A, B>, LengthError> {
    check_lengths(names, [a.len(), b.len()])?;
    Ok(Zip(a, b))
}

/// As [`zip`].
///
/// # Panics
/// If their lengths differ.
#[track_caller]
pub fn zipped<A: Counted, B: Counted>(a: A, b: B, names: [&'static str; 2]) -> Zip<A, B> {
    // Not in a closure: the panic is at the caller's line.
    match zip(a, b, names) {
        Ok(both) => both,
        Err(error) => panic!("{error}"),
    }
}

/// Two inputs of a batch differ in length.
///
/// Returned by `try_over` of a [`#[zp::batch]`](macro@crate::batch) function; the names are those of its parameters.
/// `zp::map((&a, &b), …)` has no such form, and panics.
///
/// # Examples
///
/// ```
/// #[zp::batch]
/// fn add(#[each] to: &mut u32, #[each] from: &u32) {
///     *to += from;
/// }
///
/// let error = add::try_over(&mut [1, 2, 3], &[1, 2]).err().unwrap();
/// assert_eq!((error.names(), error.lengths()), (["to", "from"], [3, 2]));
/// assert_eq!(error.to_string(), "`to` has length 3, but `from` has length 2: they must be equal");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthError {
    names: [&'static str; 2],
    lengths: [usize; 2],
}

impl LengthError {
    /// The names of the two.
    #[must_use]
    pub fn names(&self) -> [&'static str; 2] {
        self.names
    }

    /// Their lengths.
    #[must_use]
    pub fn lengths(&self) -> [usize; 2] {
        self.lengths
    }
}

impl fmt::Display for LengthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([a, b], [m, n]) = (self.names, self.lengths);
        // Parameters have names; what has none is described in words.
        if a.contains(' ') {
            let items = if m == 1 { "item" } else { "items" };
            write!(f, "{a} has {m} {items}, {b} {n}: they must be equal")
        } else {
            write!(
                f,
                "`{a}` has length {m}, but `{b}` has length {n}: they must be equal"
            )
        }
    }
}

impl Error for LengthError {}

pub(super) fn check_lengths(
    names: [&'static str; 2],
    lengths: [usize; 2],
) -> Result<(), LengthError> {
    if lengths[0] == lengths[1] {
        return Ok(());
    }
    Err(LengthError { names, lengths })
}

/// However the items are used: a mistake in their type is not a mistake in the length too.
macro_rules! counted {
    ([$($generics:tt)*] $name:ty, |$this:ident| $len:expr) => {
        impl<$($generics)*> Counted for $name {
            fn len(&self) -> usize {
                let $this = self;
                $len
            }
        }
    };
}

counted!([T] EachRef<'_, T>, |this| this.0.len());
counted!([T] EachMut<'_, T>, |this| this.0.len());
counted!([T] ChunksRef<'_, T>, |this| this.rows.len().div_ceil(this.n));
counted!([T] ChunksMut<'_, T>, |this| this.rows.len().div_ceil(this.n));
counted!([] Times, |this| this.0);
counted!([] Numbers, |this| this.0.len());
counted!([A: Counted, B] Zip<A, B>, |this| this.0.len());

/// Sources that are their own parts: they only borrow.
macro_rules! source {
    ([$($generics:tt)*] $name:ty, $item:ty, |$this:ident| $take:expr) => {
        impl<$($generics)*> Source for $name {
            type Item = $item;
            type Part<'part> = Self where Self: 'part;

            fn part(&mut self) -> Self {
                let $this = self;
                $take
            }
        }
    };
}

source!(['a, T: Sync] EachRef<'a, T>, &'a T, |this| EachRef(this.0));
source!(['a, T: Send] EachMut<'a, T>, &'a mut T, |this| EachMut(mem::take(&mut this.0)));
source!(['a, T: Sync] ChunksRef<'a, T>, &'a [T], |this| ChunksRef { rows: this.rows, n: this.n });
source!(['a, T: Send] ChunksMut<'a, T>, &'a mut [T], |this| ChunksMut {
    rows: mem::take(&mut this.rows),
    n: this.n,
});
source!([] Times, (), |this| Times(this.0));
source!([] Numbers, usize, |this| Numbers(this.0.clone()));

impl<'a, T: Sync> Part for EachRef<'a, T> {
    type Item = &'a T;
    type Items = slice::Iter<'a, T>;

    fn split_at(self, at: usize) -> (Self, Self) {
        let (left, right) = self.0.split_at(at);
        (Self(left), Self(right))
    }

    fn items(self) -> Self::Items {
        self.0.iter()
    }
}

impl<'a, T: Send> Part for EachMut<'a, T> {
    type Item = &'a mut T;
    type Items = slice::IterMut<'a, T>;

    fn split_at(self, at: usize) -> (Self, Self) {
        let (left, right) = self.0.split_at_mut(at);
        (Self(left), Self(right))
    }

    fn items(self) -> Self::Items {
        self.0.iter_mut()
    }
}

impl<'a, T: Sync> Part for ChunksRef<'a, T> {
    type Item = &'a [T];
    type Items = slice::Chunks<'a, T>;

    fn split_at(self, at: usize) -> (Self, Self) {
        let n = self.n;
        // The last chunk may be shorter.
        let (left, right) = self
            .rows
            .split_at(self.rows.len().min(at.saturating_mul(n)));
        (Self { rows: left, n }, Self { rows: right, n })
    }

    fn items(self) -> Self::Items {
        self.rows.chunks(self.n)
    }
}

impl<'a, T: Send> Part for ChunksMut<'a, T> {
    type Item = &'a mut [T];
    type Items = slice::ChunksMut<'a, T>;

    fn split_at(self, at: usize) -> (Self, Self) {
        let n = self.n;
        let middle = self.rows.len().min(at.saturating_mul(n));
        let (left, right) = self.rows.split_at_mut(middle);
        (Self { rows: left, n }, Self { rows: right, n })
    }

    fn items(self) -> Self::Items {
        self.rows.chunks_mut(self.n)
    }
}

impl Part for Times {
    type Item = ();
    type Items = RepeatN<()>;

    fn split_at(self, at: usize) -> (Self, Self) {
        (Self(at), Self(self.0 - at))
    }

    fn items(self) -> Self::Items {
        repeat_n((), self.0)
    }
}

impl Part for Numbers {
    type Item = usize;
    type Items = Range<usize>;

    fn split_at(self, at: usize) -> (Self, Self) {
        let middle = self.0.start + at;
        (Self(self.0.start..middle), Self(middle..self.0.end))
    }

    fn items(self) -> Self::Items {
        self.0
    }
}

impl<A: Source, B: Source> Source for Zip<A, B> {
    type Item = (A::Item, B::Item);
    type Part<'a>
        = Zip<A::Part<'a>, B::Part<'a>>
    where
        Self: 'a;

    fn part(&mut self) -> Self::Part<'_> {
        Zip(self.0.part(), self.1.part())
    }
}

impl<A: Part, B: Part> Part for Zip<A, B> {
    type Item = (A::Item, B::Item);
    type Items = std::iter::Zip<A::Items, B::Items>;

    fn split_at(self, at: usize) -> (Self, Self) {
        let (a, b) = (self.0.split_at(at), self.1.split_at(at));
        (Self(a.0, b.0), Self(a.1, b.1))
    }

    fn items(self) -> Self::Items {
        self.0.items().zip(self.1.items())
    }
}
