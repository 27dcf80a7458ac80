#![allow(unsafe_code)] // Fences: the links of what lies on the stack.
//! A stack on which anybody pushes, and from which everything is taken at once.
//!
//! It is Treiber's (IBM RJ 5118, 1986) without his pop: no exchange depends on the link of an element that others may take, so an
//! element may come back at once (ABA does no harm). The elements bring their links along; nothing is allocated.

use crate::sync::{
    AtomicPtr,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

#[cfg(test)]
mod model;

/// What can lie on a [`Stack`].
///
/// # Safety
/// 1. The node of an element stays where it is, and its link lives, from `into_raw` until `from_raw`.
/// 2. Nobody but the stack uses the link meanwhile.
/// 3. As long as the stack is in use, all pointers to nodes at one address are of one provenance, as they are in memory that is handed out
///    again and again: a push may find the pointer that it read before, though that is another element by now.
pub(crate) unsafe trait Linked: Send + Sized {
    /// What a pointer to an element points to.
    type Node;

    /// Gives the element up.
    fn into_raw(self) -> NonNull<Self::Node>;

    /// Takes it back.
    ///
    /// # Safety
    /// 1. `raw` came from [`Linked::into_raw`], and only this call takes it back.
    unsafe fn from_raw(raw: NonNull<Self::Node>) -> Self;

    /// Its link.
    ///
    /// # Safety
    /// 1. `raw` came from [`Linked::into_raw`], and has not been taken back.
    unsafe fn link<'a>(raw: NonNull<Self::Node>) -> &'a AtomicPtr<Self::Node>;
}

/// The stack; see the module. Dropping it drops what lies there.
pub(crate) struct Stack<T: Linked> {
    /// Null, or the newest element.
    head: AtomicPtr<T::Node>,
    owns: PhantomData<T>,
}

/// What was taken off a stack, newest first, by one thread. Dropping it drops the rest.
pub(crate) struct Taken<T: Linked> {
    head: *mut T::Node,
    owns: PhantomData<T>,
}

impl<T: Linked> Stack<T> {
    pub(crate) fn new() -> Self {
        Self {
            head: AtomicPtr::new(ptr::null_mut()),
            owns: PhantomData,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        // Ordering: Relaxed; callers that sleep on the answer have fenced.
        self.head.load(Relaxed).is_null()
    }

    pub(crate) fn push(&self, element: T) {
        let element = element.into_raw();
        // Ordering: Relaxed; the exchange below is the one that counts.
        let mut head = self.head.load(Relaxed);
        let publish = if cfg!(zeropool_broken = "stack_push_relaxed") {
            Relaxed
        } else {
            Release
        };
        loop {
            // SAFETY: 1. given up above, and not taken back: until the exchange nobody else knows it.
            // Ordering: Relaxed; published by the exchange.
            unsafe { T::link(element) }.store(head, Relaxed);
            // Ordering: Release publishes the link and the element to the Acquire in `take_all`.
            match self
                .head
                .compare_exchange_weak(head, element.as_ptr(), publish, Relaxed)
            {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// Takes everything.
    pub(crate) fn take_all(&self) -> Taken<T> {
        // Ordering: Acquire pairs with the Release in `push`; Release keeps the chain of publications whole for the next taker.
        let head = if cfg!(zeropool_broken = "stack_take_by_store") {
            let head = self.head.load(Acquire);
            self.head.store(ptr::null_mut(), Release);
            head
        } else {
            self.head.swap(ptr::null_mut(), AcqRel)
        };
        Taken {
            head,
            owns: PhantomData,
        }
    }

    /// Drops what is not to be kept. Others see the stack shorter than it is meanwhile.
    pub(crate) fn retain(&self, is_kept: impl Fn(&T) -> bool) {
        for element in self.take_all() {
            if is_kept(&element) {
                self.push(element);
            }
        }
    }
}

impl<T: Linked> Drop for Stack<T> {
    fn drop(&mut self) {
        drop(self.take_all());
    }
}

impl<T: Linked> fmt::Debug for Stack<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack")
            .field("is_empty", &self.is_empty())
            .finish_non_exhaustive()
    }
}

impl<T: Linked> Iterator for Taken<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let first = NonNull::new(self.head)?;
        // SAFETY: 1. pushed by `into_raw`, and taken back below only.
        // Ordering: Relaxed; the Acquire in `take_all` made the link visible.
        self.head = unsafe { T::link(first) }.load(Relaxed);
        // SAFETY: 1. as above; `head` has moved on, so once.
        Some(unsafe { T::from_raw(first) })
    }
}

impl<T: Linked> Drop for Taken<T> {
    fn drop(&mut self) {
        for element in self {
            drop(element);
        }
    }
}
