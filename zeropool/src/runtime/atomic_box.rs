#![allow(unsafe_code)] // Fences: the box behind a pointer, which is the cell's alone while it lies there.
//! A cell for a box that one thread at a time takes out, uses, and puts back.

use crate::sync::{
    AtomicPtr,
    Ordering::{AcqRel, Acquire, Relaxed},
};
use std::marker::PhantomData;
use std::ptr;

/// The cell; see the module. Taking and putting back cost an exchange each, and wait for nobody.
#[derive(Debug)]
pub(super) struct AtomicBox<T> {
    /// Null, or from `Box::into_raw`; the cell then owns the box.
    inside: AtomicPtr<T>,
    owns: PhantomData<Box<T>>,
}

// SAFETY: a cell hands its box from thread to thread, so `T` has to be `Send`; it gives no access to what lies inside.
unsafe impl<T: Send> Sync for AtomicBox<T> {}

impl<T> AtomicBox<T> {
    pub(super) fn new(inside: Box<T>) -> Self {
        Self {
            inside: AtomicPtr::new(Box::into_raw(inside)),
            owns: PhantomData,
        }
    }

    /// The box, if it is there.
    pub(super) fn take(&self) -> Option<Box<T>> {
        // Ordering: Relaxed; a look first spares a full cell's readers the exchange of an empty one.
        if self.inside.load(Relaxed).is_null() {
            return None;
        }
        let acquire = if cfg!(zeropool_broken = "atomic_box_take_relaxed") {
            Relaxed
        } else {
            Acquire
        };
        // Ordering: Acquire pairs with the Release in `put`: the former holder's use of the box is over.
        let inside = self.inside.swap(ptr::null_mut(), acquire);
        // SAFETY: not null, so it came from `Box::into_raw`, and the swap made it ours alone.
        (!inside.is_null()).then(|| unsafe { Box::from_raw(inside) })
    }

    /// Puts a box into the cell, which is empty.
    pub(super) fn put(&self, inside: Box<T>) {
        // Ordering: Release publishes the holder's use of the box to the next one.
        let former = self.inside.swap(Box::into_raw(inside), AcqRel);
        debug_assert!(former.is_null(), "a box came back twice");
    }
}

impl<T> Drop for AtomicBox<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

#[cfg(test)]
mod tests;
