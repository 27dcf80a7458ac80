#![allow(unsafe_code)] // Fences: what lies in a tray, which is its holder's alone.
//! Something that one thread at a time may use for a moment, and nobody waits for.

use crate::sync::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
    UnsafeCell,
};

/// One `T`, and whether a thread has it. Taking it costs an exchange, putting it back a store.
#[derive(Debug)]
pub(super) struct Tray<T> {
    taken: AtomicBool,
    inside: UnsafeCell<T>,
}

impl<T> Tray<T> {
    pub(super) fn new(inside: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            inside: UnsafeCell::new(inside),
        }
    }

    /// Passes what lies in the tray to `f`, or `None` if another thread has it. If `f` unwinds, nobody gets it any more.
    #[inline(always)]
    pub(super) fn lend<R>(&self, f: impl FnOnce(Option<&T>) -> R) -> R {
        // Ordering: Acquire pairs with the Release below: the former holder's use is over.
        if self.taken.swap(true, Acquire) {
            return f(None);
        }
        // SAFETY: whoever finds `taken` false and sets it has the tray to itself until it clears it.
        let result = self.inside.with(|inside| f(Some(unsafe { &*inside })));
        let order = if cfg!(zeropool_broken = "tray_back_relaxed") {
            Relaxed
        } else {
            Release
        };
        // Ordering: Release hands our use over to the next holder.
        if cfg!(zeropool_loom) {
            // loom may order a plain store before a swap that did not read it.
            self.taken.swap(false, order);
        } else {
            self.taken.store(false, order);
        }
        result
    }
}

// SAFETY: one thread at a time has what lies inside, handed over by `taken`; so it need only be `Send`.
unsafe impl<T: Send> Sync for Tray<T> {}

#[cfg(test)]
mod tests;
