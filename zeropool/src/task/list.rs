#![allow(unsafe_code)] // Fences: the intrusive links of a scope's unclaimed tasks.
//! A scope's list of the tasks that nobody has been seen to claim, save those on its home deque.
//!
//! Any thread pushes; taking is always "everything at once", so the classic ABA problem of a lock-free stack
//! (Treiber 1986) cannot arise: no exchange depends on the link of an element that others may pop.

use super::block::{Header, TaskRef, next_of};
use crate::sync::{
    AtomicPtr,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use std::ptr::{self, NonNull};

/// The shared end: newest first.
#[derive(Debug)]
pub(crate) struct TaskList {
    /// Null, or a chain of headers linked by `next`; each element owns one reference.
    head: AtomicPtr<Header>,
}

/// A chain taken out of a list, owned by one thread. Dropping it releases its references.
#[derive(Debug)]
pub(crate) struct Chain {
    head: *mut Header,
}

impl TaskList {
    pub(crate) fn new() -> Self {
        Self {
            head: AtomicPtr::new(ptr::null_mut()),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        // Ordering: Relaxed; callers that sleep on the answer have fenced.
        self.head.load(Relaxed).is_null()
    }

    pub(crate) fn push(&self, task: TaskRef) {
        let element = task.into_raw();
        // Ordering: Relaxed; the exchange below is the one that counts.
        let mut head = self.head.load(Relaxed);
        loop {
            // SAFETY: the list's reference keeps the block live; until the exchange only this thread links it.
            // Ordering: Relaxed; published by the exchange.
            unsafe { next_of(element) }.store(head, Relaxed);
            // Ordering: Release publishes the link and the task to the Acquire in `take_all`.
            match self
                .head
                .compare_exchange_weak(head, element.as_ptr(), Release, Relaxed)
            {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// Takes the whole list.
    pub(crate) fn take_all(&self) -> Chain {
        // Ordering: Acquire pairs with the Release in `push`; Release keeps the chain of publications whole for
        // the next taker.
        Chain {
            head: self.head.swap(ptr::null_mut(), AcqRel),
        }
    }

    /// Takes the claimed tasks out. Others see the list shorter than it is meanwhile, so only a thread on which the
    /// scope's end still depends may do this (see `ScopeGroup`).
    pub(crate) fn sweep(&self) {
        for task in self.take_all() {
            if !task.is_claimed() {
                self.push(task);
            }
        }
    }
}

impl Drop for TaskList {
    fn drop(&mut self) {
        // Ordering: Acquire pairs with the Release in `push`.
        drop(Chain {
            head: self.head.load(Acquire),
        });
    }
}

impl Iterator for Chain {
    type Item = TaskRef;

    fn next(&mut self) -> Option<TaskRef> {
        let first = NonNull::new(self.head)?;
        // SAFETY: the chain's reference keeps the block live.
        // Ordering: Relaxed; the Acquire in `take_all` made the link visible.
        self.head = unsafe { next_of(first) }.load(Relaxed);
        // SAFETY: 1. pushed by `into_raw`, and taken out of the chain once.
        Some(unsafe { TaskRef::from_raw(first) })
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        for task in self {
            drop(task);
        }
    }
}
