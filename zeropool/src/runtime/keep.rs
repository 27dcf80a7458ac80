#![allow(unsafe_code)] // Fences: references to a registry that are counted elsewhere than in its `Arc`.
//! What keeps a pool alive for the handles of its owned tasks.
//!
//! All of a shard together have one strong reference. Whoever makes the first handle takes it, whoever drops the last one gives it
//! up. How many there are is part of the word that counts what the pool has accepted, so a spawn counts both in one exchange.

use super::outside::thread_number;
use super::registry::Registry;
use crate::task::owned::{OwnedCounts, Shard};
use std::mem::{ManuallyDrop, forget};
use std::ops::Deref;
use std::ptr;
use std::sync::Arc;

/// One handle's share in the registry.
pub(crate) struct Kept {
    /// A copy of the reference that all handles of the shard have together. Invariant: that one exists as long as handles are counted
    /// there, and this one is.
    registry: ManuallyDrop<Arc<Registry>>,
    shard: Shard,
}

impl Registry {
    /// Counts an owned task as accepted, and a handle for it, unless the pool is closed.
    #[inline]
    pub(super) fn accept(self: &Arc<Self>) -> Option<Kept> {
        let shard = Shard::of(thread_number());
        let kept = Kept::counted(self, shard, self.owned.counts.accept_with_handle(shard));
        if self.closed_after_count() {
            return None;
        }
        Some(kept)
    }

    /// For a handle without a task.
    #[cold]
    pub(super) fn keep(self: &Arc<Self>) -> Kept {
        let shard = Shard::of(thread_number());
        Kept::counted(self, shard, self.owned.counts.add_handle(shard))
    }
}

impl Kept {
    /// The handle is counted already.
    #[inline]
    fn counted(registry: &Arc<Registry>, shard: Shard, is_first: bool) -> Self {
        if is_first {
            // Until this is done the caller's reference serves all: its handle is counted, so the count cannot come to zero meanwhile.
            // In the child of a fork it may never be done; there no `Pool` gives up its reference.
            forget(Arc::clone(registry));
        }
        // SAFETY: the copy is never dropped as an `Arc`, except instead of the one that was forgotten.
        let copy = unsafe { ptr::read(registry) };
        Self {
            registry: ManuallyDrop::new(copy),
            shard,
        }
    }
}

impl Deref for Kept {
    type Target = Arc<Registry>;

    #[inline]
    fn deref(&self) -> &Arc<Registry> {
        &self.registry
    }
}

impl Drop for Kept {
    #[inline]
    fn drop(&mut self) {
        // The registry lives until the handle is no longer counted.
        let handles = self.registry.owned.counts.handles(self.shard);
        if OwnedCounts::drop_handle(handles) {
            // SAFETY: the last handle gives up the reference that the first one took, once.
            unsafe { ManuallyDrop::drop(&mut self.registry) };
        }
    }
}

#[cfg(test)]
mod tests;
