//! Loops over closures: batches without an annotation.

use super::live::{EachOwned, each_owned};
use super::source::{
    ChunksMut, ChunksRef, EachMut, EachRef, Numbers, Source, Times, Zip, chunks_mut, chunks_ref,
    each_mut, each_ref, numbers, times as source_times, zipped,
};
use super::{Batch, Body};
use crate::task::{Context, Priority, Task};
use std::fmt;
use std::ops::Range;

/// What a closure loop can go over.
///
/// | input | the closure gets |
/// |---|---|
/// | `&[T]`, `&Vec<T>`, `&Box<[T]>`, `&[T; N]` | `&T` |
/// | `&mut [T]`, `&mut Vec<T>`, `&mut Box<[T]>`, `&mut [T; N]` | `&mut T` |
/// | `Vec<T>` | `T` |
/// | `Range<usize>` | `usize` |
/// | `(A, B)` of these, of equal lengths | a pair |
/// | `(A, (B, C))` | three inputs: nested pairs |
///
/// A `v: &mut Vec<T>` that is used again afterwards is passed as `&mut *v`. Not to be implemented by hand: it is public so that functions
/// can take any input.
///
/// # Examples
///
/// ```
/// let (prices, counts, names) = ([3, 5], [2, 1], ["pen", "cup"]);
/// let lines = zp::map((&names, (&prices, &counts)), |(name, (price, count))| {
///     format!("{name}: {}", price * count)
/// });
/// assert_eq!(lines.collect(), ["pen: 6", "cup: 5"]);
///
/// // Items with their positions.
/// let longest = zp::map((&names, 0..names.len()), |(name, i)| (name.len(), i)).reduce((0, 0), Ord::max);
/// assert_eq!(longest, (3, 1));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a batch can go over",
    label = "not a slice, a vector, a range of `usize`, or a pair of these",
    note = "collect an iterator into a `Vec` first, or loop over `0..n` with `n: usize`; three inputs are nested pairs, `(&a, (&b, &c))`",
    note = "items that several threads see by reference must be `Sync`, others `Send`"
)]
pub trait IntoSource {
    /// Where the items come from.
    type Source: Source;

    #[doc(hidden)]
    #[track_caller]
    fn into_source(self) -> Self::Source;
}

/// What [`chunks`] can go over: `&[T]`, `&Vec<T>`, `&Box<[T]>`, `&[T; N]`, and the same with `&mut`. Not to be implemented by hand: it is
/// public so that functions can take any of them.
///
/// # Examples
///
/// ```
/// let mut rows = vec![1, 2, 3, 4];
/// zp::chunks(&mut rows, 2, |row| row.reverse()).run();
/// assert_eq!(zp::chunks(&rows, 2, |row| row[0]).collect(), [2, 4]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no chunks",
    label = "not a reference to a slice, a vector or an array"
)]
pub trait IntoChunks {
    /// Where the chunks come from.
    type Source: Source;

    #[doc(hidden)]
    #[track_caller]
    fn into_chunks(self, n: usize) -> Self::Source;
}

macro_rules! slices {
    ($([$($generics:tt)*] $name:ty, $item:ident: $bound:ident, $each:ident $each_fn:ident, $chunks:ident $chunks_fn:ident;)*) => {$(
        impl<'a, $item: $bound, $($generics)*> IntoSource for $name {
            type Source = $each<'a, $item>;

            fn into_source(self) -> Self::Source {
                $each_fn(self)
            }
        }

        impl<'a, $item: $bound, $($generics)*> IntoChunks for $name {
            type Source = $chunks<'a, $item>;

            fn into_chunks(self, n: usize) -> Self::Source {
                $chunks_fn(self, n)
            }
        }
    )*};
}

slices! {
    [] &'a [T], T: Sync, EachRef each_ref, ChunksRef chunks_ref;
    [] &'a Vec<T>, T: Sync, EachRef each_ref, ChunksRef chunks_ref;
    [] &'a Box<[T]>, T: Sync, EachRef each_ref, ChunksRef chunks_ref;
    [const N: usize] &'a [T; N], T: Sync, EachRef each_ref, ChunksRef chunks_ref;
    [] &'a mut [T], T: Send, EachMut each_mut, ChunksMut chunks_mut;
    [] &'a mut Vec<T>, T: Send, EachMut each_mut, ChunksMut chunks_mut;
    [] &'a mut Box<[T]>, T: Send, EachMut each_mut, ChunksMut chunks_mut;
    [const N: usize] &'a mut [T; N], T: Send, EachMut each_mut, ChunksMut chunks_mut;
}

impl<T: Send> IntoSource for Vec<T> {
    type Source = EachOwned<T>;

    fn into_source(self) -> EachOwned<T> {
        each_owned(self)
    }
}

impl IntoSource for Range<usize> {
    type Source = Numbers;

    fn into_source(self) -> Numbers {
        numbers(self)
    }
}

impl<A: IntoSource, B: IntoSource> IntoSource for (A, B) {
    type Source = Zip<A::Source, B::Source>;

    fn into_source(self) -> Self::Source {
        zipped(
            self.0.into_source(),
            self.1.into_source(),
            ["the first input", "the second"],
        )
    }
}

/// A closure as the body of a batch; made by [`each`], [`map`] and [`chunks`].
#[derive(Clone, Copy)]
pub struct PerItem<F>(F);

/// A closure over indices as the body of a batch; made by [`times`].
#[derive(Clone, Copy)]
pub struct PerIndex<F>(F);

/// Runs each item, which is a task; made by [`batch_of`].
#[derive(Debug, Clone, Copy)]
pub struct PerTask(());

impl<F> fmt::Debug for PerItem<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerItem").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for PerIndex<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerIndex").finish_non_exhaustive()
    }
}

impl<T, R, F> Body<T> for PerItem<F>
where
    F: Fn(T) -> R + Send + Sync,
    R: Send,
{
    type Output = R;

    #[inline]
    fn call(&self, _index: usize, item: T, _cx: &mut Context<'_>) -> R {
        (self.0)(item)
    }
}

impl<R, F> Body<()> for PerIndex<F>
where
    F: Fn(usize) -> R + Send + Sync,
    R: Send,
{
    type Output = R;

    #[inline]
    fn call(&self, index: usize, (): (), _cx: &mut Context<'_>) -> R {
        (self.0)(index)
    }
}

impl<T: Task> Body<T> for PerTask {
    type Output = T::Output;

    const NAME: &'static str = T::NAME;
    const PRIORITY: Priority = T::PRIORITY;

    #[inline]
    fn call(&self, _index: usize, task: T, cx: &mut Context<'_>) -> T::Output {
        task.run(cx)
    }
}

/// A loop without results: calls `f` with each item, potentially in parallel. Runs with [`Batch::run`], and not before; see [`Batch`] for
/// what it costs.
///
/// `f` is called by several threads at once, so it cannot change what it captures: see [`Batch`] for what to do instead.
///
/// # Examples
///
/// ```
/// let mut prices = vec![100, 250, 30];
/// zp::each(&mut prices, |price| *price += *price / 10).run();
/// assert_eq!(prices, [110, 275, 33]);
///
/// // Two inputs side by side.
/// let discounts = [5, 0, 3];
/// zp::each((&mut prices, &discounts), |(price, discount)| *price -= discount).run();
/// assert_eq!(prices, [105, 275, 30]);
/// ```
///
/// # Panics
/// If two inputs differ in length.
#[track_caller]
pub fn each<I, F>(items: I, f: F) -> Batch<I::Source, PerItem<F>>
where
    I: IntoSource,
    F: Fn(<I::Source as Source>::Item) + Send + Sync,
{
    Batch::new(items.into_source(), PerItem(f))
}

/// A loop with a result for each item, in their order; see [`Batch`] for what can be done with them, and what that costs. Nothing runs
/// before.
///
/// # Examples
///
/// ```
/// let words = ["one", "three", "five"];
/// let lengths = zp::map(&words, |word| word.len()).collect();
/// assert_eq!(lengths, [3, 5, 4]);
///
/// let squares = zp::map(0..4, |i| i * i).reduce(0, |a, b| a + b);
/// assert_eq!(squares, 14);
/// ```
///
/// # Panics
/// If two inputs differ in length.
#[track_caller]
pub fn map<I, R, F>(items: I, f: F) -> Batch<I::Source, PerItem<F>>
where
    I: IntoSource,
    F: Fn(<I::Source as Source>::Item) -> R + Send + Sync,
    R: Send,
{
    Batch::new(items.into_source(), PerItem(f))
}

/// Calls `f` with each number below `n`, once a method of the [`Batch`] is called, which says what it costs.
///
/// # Examples
///
/// ```
/// let squares = zp::times(4, |i| i * i).collect();
/// assert_eq!(squares, [0, 1, 4, 9]);
/// ```
pub fn times<R, F>(n: usize, f: F) -> Batch<Times, PerIndex<F>>
where
    F: Fn(usize) -> R + Send + Sync,
    R: Send,
{
    Batch::new(source_times(n), PerIndex(f))
}

/// Calls `f` with `n` items at a time, once a method of the [`Batch`] is called, which says what it costs. The last chunk may be shorter.
///
/// # Examples
///
/// ```
/// let sums = zp::chunks(&[1, 2, 3, 4, 5], 2, |pair| pair.iter().sum::<i32>()).collect();
/// assert_eq!(sums, [3, 7, 5]);
///
/// let mut image = vec![0_u8; 6];
/// zp::chunks(&mut image, 3, |row| row[0] = 255).run();
/// assert_eq!(image, [255, 0, 0, 255, 0, 0]);
/// ```
///
/// # Panics
/// If `n` is 0.
#[track_caller]
pub fn chunks<I, R, F>(rows: I, n: usize, f: F) -> Batch<I::Source, PerItem<F>>
where
    I: IntoChunks,
    F: Fn(<I::Source as Source>::Item) -> R + Send + Sync,
    R: Send,
{
    Batch::new(rows.into_chunks(n), PerItem(f))
}

/// A batch of tasks of one type: each runs once, when a method of the [`Batch`] is called, which says what it costs.
///
/// # Examples
///
/// ```
/// #[zp::task]
/// fn area(width: u32, height: u32) -> u32 {
///     width * height
/// }
///
/// let rooms = vec![area { width: 3, height: 4 }, area { width: 5, height: 2 }];
/// assert_eq!(zp::batch_of(rooms).collect(), [12, 10]);
/// ```
pub fn batch_of<T: Task>(tasks: Vec<T>) -> Batch<EachOwned<T>, PerTask> {
    Batch::new(each_owned(tasks), PerTask(()))
}
