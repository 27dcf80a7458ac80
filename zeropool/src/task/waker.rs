#![allow(unsafe_code)] // Fences: a waker in a block, owned by whoever holds the block's address.
//! The waker of an awaited task, on its way from the handle to whoever completes the task.
//!
//! The waker lies in a block of its own, and the block's address is the right to it. The handle puts the address into the task's
//! latch ([`Latch::register_waker`]) and takes it out again to replace or drop the waker; completion takes it out for good. Each is one
//! atomic exchange of the latch's word, so there is always exactly one owner:
//!
//! ```text
//!            ┌────────── register_waker ─────────▶ in the latch ──(complete)──▶ the completer: wakes it
//!  the handle                                           │
//!            ◀─────────── withdraw_waker ───────────────┘
//! ```
//!
//! A handle that fails to register, because the task is complete, keeps the waker and drops it. Nothing of the task is needed to
//! wake, and nothing of the waker lies in the task.

use super::latch::Latch;
use crate::panic::{self, discard};
use crate::queue::block::{BlockAllocator, BlockId};
use crate::sync::UnsafeCell;
use std::alloc::Layout;
use std::fmt;
use std::mem::forget;
use std::ptr::NonNull;
use std::task::Waker;

/// What lies in the block. Aligned to 8 bytes at least, so that the latch can mark its address.
#[repr(align(8))]
pub(super) struct Place {
    /// Only the owner of the block touches it.
    waker: UnsafeCell<Waker>,
    block: BlockId,
    allocator: NonNull<BlockAllocator>,
}

/// A waker in a block. Dropping it drops the waker; a panic of its destructor is silenced.
pub(crate) struct StoredWaker(NonNull<Place>);

// SAFETY: a `Waker` is `Send`, and the block belongs to its owner alone; the allocator is `Sync`.
unsafe impl Send for StoredWaker {}

impl StoredWaker {
    /// Allocates only if the allocator has to grow.
    ///
    /// # Safety
    /// 1. `allocator` outlives the new value, wherever it goes.
    unsafe fn new(waker: Waker, allocator: &BlockAllocator) -> Self {
        let block = allocator.acquire(Layout::new::<Place>());
        let place = block.ptr.cast::<Place>();
        let value = Place {
            waker: UnsafeCell::new(waker),
            block: block.id,
            allocator: NonNull::from(allocator),
        };
        // SAFETY: the allocator returned a block of at least this size and alignment, exclusively ours.
        unsafe { place.write(value) };
        Self(place)
    }

    fn place(&self) -> &Place {
        // SAFETY: the block is live and ours until `into_waker`; only atomically changed or owned parts are in it.
        unsafe { self.0.as_ref() }
    }

    fn will_wake(&self, waker: &Waker) -> bool {
        // SAFETY: the owner, `self`, is borrowed meanwhile, so nobody changes the waker.
        self.place()
            .waker
            .with(|stored| unsafe { &*stored }.will_wake(waker))
    }

    /// Takes the waker out and gives the block back.
    fn into_waker(self) -> Waker {
        // SAFETY: the block is ours, and is not used again; `self` is forgotten below.
        let place = unsafe { self.0.read() };
        forget(self);
        // SAFETY: by obligation 1 of `new` the allocator is live.
        let allocator = unsafe { place.allocator.as_ref() };
        // SAFETY: 1. `new` acquired it; 2. once, as `self` is gone; 3. its contents were moved out.
        unsafe { allocator.release(place.block) };
        // A read under loom's eyes: everything that the storing thread did to the waker has to come before.
        // SAFETY: this thread owns the place; the copy in it is not used again.
        let waker = place.waker.with(|stored| unsafe { stored.read() });
        forget(place);
        waker
    }

    /// Wakes, holding nothing of ours. A panic is silenced; the standard hook has reported it.
    #[inline(never)]
    pub(crate) fn wake(self) {
        let waker = self.into_waker();
        if let Err(payload) = panic::catch(|| waker.wake()) {
            discard(payload);
        }
    }

    /// The address, which now owns the block.
    pub(super) fn into_raw(self) -> NonNull<Place> {
        let raw = self.0;
        forget(self);
        raw
    }

    /// # Safety
    /// 1. `raw` came from [`StoredWaker::into_raw`], and only this call takes it back.
    pub(super) unsafe fn from_raw(raw: NonNull<Place>) -> Self {
        Self(raw)
    }
}

impl Drop for StoredWaker {
    #[inline(never)]
    fn drop(&mut self) {
        let waker = Self(self.0).into_waker();
        if let Err(payload) = panic::drop_caught(waker) {
            discard(payload);
        }
    }
}

impl fmt::Debug for StoredWaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredWaker")
    }
}

/// One poll by the owner of the handle: true if the latch is done; otherwise `waker`, and no other, will be woken once it is.
///
/// # Safety
/// 1. `allocator` outlives whoever completes the latch.
/// 2. The caller alone waits at the latch: nobody else polls, registers or withdraws meanwhile.
pub(crate) unsafe fn poll(latch: &Latch, waker: &Waker, allocator: &BlockAllocator) -> bool {
    if latch.is_done() {
        return true;
    }
    let former = latch.withdraw_waker();
    let stored = match former {
        Some(former) if former.will_wake(waker) => former,
        former => {
            // `clone` is the user's code. If it panics, nothing is registered and `former` is dropped.
            let waker = waker.clone();
            drop(former);
            // SAFETY: 1 is the caller's.
            unsafe { StoredWaker::new(waker, allocator) }
        }
    };
    // What does not get in is dropped here.
    latch.register_waker(stored).is_err()
}

#[cfg(test)]
mod tests;
