//! The same queue behind a mutex: what the lock-free ones are compared with, and a fallback for them.
//!
//! Nothing of the user's runs while the lock is held, and nothing that could panic halfway, so a poisoned lock is as good as
//! any.

use crate::sync::AtomicPtr;
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The queue; see the module.
#[derive(Debug)]
pub(crate) struct Locked {
    /// Atomics, because pointers are not `Send`.
    items: Mutex<VecDeque<AtomicPtr<()>>>,
    capacity: usize,
}

impl Locked {
    /// A queue for at most `capacity` items, or for any number.
    pub(crate) fn new(capacity: Option<NonZeroU32>) -> Self {
        Self {
            items: Mutex::default(),
            capacity: capacity.map_or(usize::MAX, |capacity| capacity.get() as usize),
        }
    }

    /// Adds an item at the end, or gives it back if the queue is full.
    pub(crate) fn push(&self, item: *mut ()) -> Result<(), *mut ()> {
        let mut items = self.lock();
        if items.len() >= self.capacity {
            return Err(item);
        }
        items.push_back(AtomicPtr::new(item));
        Ok(())
    }

    /// Adds an item that the caller has just popped; there is always room.
    pub(crate) fn push_back(&self, item: *mut ()) {
        self.lock().push_back(AtomicPtr::new(item));
    }

    /// Takes the oldest item.
    pub(crate) fn pop(&self) -> Option<*mut ()> {
        self.lock().pop_front().map(AtomicPtr::into_inner)
    }

    /// Whether there is nothing to pop.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<AtomicPtr<()>>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
