#![allow(unsafe_code)] // Fences: cells shared between threads, each of which one thread may use, once.
//! A slice of results that many tasks write by index.
//!
//! The caller's `&mut [T]` becomes a slice of `Cell`s, which is safe and leaves every element initialised at all times.
//! What is left to prove is that the cells may be shared. The invariants, all of this file:
//!
//! 1. As long as the `Slots` may be used, the elements are reached through its cells only: it holds the caller's
//!    unique borrow, hands out no cell, and is not cloned.
//! 2. A cell is used in [`Slots::write`] only, after `claims.take(index)` has returned true, which it does once for each index.
//! 3. Under a claim one value is moved in and one out. No user code runs between claim and exchange.

mod claims;
mod error;
#[cfg(test)]
mod tests;

use claims::Claims;
use std::cell::Cell;
use std::fmt;

pub use error::SlotError;

/// A slice of results that many tasks write by index, each element at most once.
///
/// Made from the caller's slice and shared by reference. Nobody can read the elements meanwhile; once the `Slots` is used no
/// more, the slice is the caller's again. A second write to an index and an index out of bounds are errors that give the
/// value back.
///
/// # Which one to use
///
/// Where item `i` writes result `i`, [`Batch::write_to`](crate::Batch::write_to) needs no check, and neither does
/// [`Scope::spawn_into`](crate::Scope::spawn_into) with an element of `results.iter_mut()`. `Slots` is for tasks that find out
/// late where their results belong: a permutation, results by key, several results a task.
///
/// # Examples
///
/// ```
/// #[zp::task]
/// fn invert(permutation: &[usize], from: usize, inverse: &zp::Slots<'_, usize>) -> Result<(), zp::SlotError<usize>> {
///     for (i, &image) in permutation.iter().enumerate().skip(from).take(2) {
///         inverse.write(image, i)?;
///     }
///     Ok(())
/// }
///
/// let permutation = [2, 0, 3, 1];
/// let mut inverse = [0; 4];
/// let slots = zp::Slots::new(&mut inverse);
/// zp::scope(|s| {
///     let halves = [0, 2].map(|from| s.spawn(invert { permutation: &permutation, from, inverse: &slots }));
///     halves.into_iter().try_for_each(zp::Handle::join)
/// })?;
/// assert_eq!(slots.written(), 4);
/// assert_eq!(inverse, [1, 3, 0, 2]);
/// # Ok::<(), zp::SlotError<usize>>(())
/// ```
pub struct Slots<'a, T> {
    cells: &'a [Cell<T>],
    /// Room for each index of `cells`.
    claims: Claims,
}

// SAFETY: the threads that share a `Slots` use different cells (2), and nobody else uses any (1). Values made by one
// thread are moved out and dropped by another, which `T: Send` allows; no `&T` is ever made, so `T: Sync` is not
// needed. `claims` is `Sync` itself. What the caller did before, and does after the borrow has ended, is ordered by what shares
// the `Slots` and ends the sharing.
unsafe impl<T: Send> Sync for Slots<'_, T> {}

// SAFETY: a `Slots` stands for the unique borrow that it was made from (1), and `&mut [T]` is `Send` if `T` is. References to
// it that stay behind fall under `Sync`.
unsafe impl<T: Send> Send for Slots<'_, T> {}

impl<'a, T> Slots<'a, T> {
    /// Shares a slice to be written; none of it is written yet.
    ///
    /// With `Option<T>` for elements, what is never written stays `None`. Allocates one bit for each element if there are
    /// more than 1 024, nothing otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut names = vec![String::new(); 3];
    /// let slots = zp::Slots::new(&mut names);
    /// zp::scope(|s| {
    ///     for i in 0..slots.len() {
    ///         let slots = &slots;
    ///         s.spawn(move || zp::write_indexed!(slots, i, format!("task {i}")));
    ///     }
    /// });
    /// assert_eq!(names, ["task 0", "task 1", "task 2"]);
    /// ```
    #[must_use]
    pub fn new(slice: &'a mut [T]) -> Self {
        let claims = Claims::new(slice.len());
        Self {
            cells: Cell::from_mut(slice).as_slice_of_cells(),
            claims,
        }
    }

    /// Writes the slot at `index`. The former value is dropped afterwards, by this thread.
    ///
    /// Of several writers to one index the first wins, also if they come at the same time. Costs one atomic operation; never
    /// blocks, allocates or wakes.
    ///
    /// # Errors
    ///
    /// [`SlotError::OutOfBounds`] and [`SlotError::AlreadyWritten`], both with the value. The slot is as it was.
    ///
    /// # Panics
    ///
    /// If the destructor of the former value does. The slot is written then.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut squares = [0; 2];
    /// let slots = zp::Slots::new(&mut squares);
    /// assert_eq!(slots.write(1, 1), Ok(()));
    /// assert_eq!(slots.write(1, 100), Err(zp::SlotError::AlreadyWritten { index: 1, value: 100 }));
    /// assert_eq!(slots.write(2, 4), Err(zp::SlotError::OutOfBounds { index: 2, len: 2, value: 4 }));
    /// assert_eq!(squares, [0, 1]);
    /// ```
    #[inline]
    pub fn write(&self, index: usize, value: T) -> Result<(), SlotError<T>> {
        let Some(cell) = self.cells.get(index) else {
            let len = self.cells.len();
            return Err(SlotError::OutOfBounds { index, len, value });
        };
        if !self.claims.take(index) {
            return Err(SlotError::AlreadyWritten { index, value });
        }
        // User code runs only after the exchange.
        drop(cell.replace(value));
        Ok(())
    }

    /// The number of slots.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Are there no slots?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Has the slot at `index` been written, or has a write to it begun? False if there is no such slot.
    ///
    /// Orders nothing: while tasks are at work, use it to leave out work, not to find out that another thread's is done.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut values = [0; 2];
    /// let slots = zp::Slots::new(&mut values);
    /// zp::write_indexed!(slots, 1, 5);
    /// assert!(slots.is_written(1));
    /// assert!(!slots.is_written(0) && !slots.is_written(2));
    /// ```
    #[must_use]
    pub fn is_written(&self, index: usize) -> bool {
        index < self.cells.len() && self.claims.is_taken(index)
    }

    /// How many slots have been written; exact once no task writes any more. Costs one look for every 64 slots.
    #[must_use]
    pub fn written(&self) -> usize {
        self.claims.count()
    }
}

impl<T> fmt::Debug for Slots<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots")
            .field("len", &self.len())
            .field("written", &self.written())
            .finish_non_exhaustive()
    }
}
