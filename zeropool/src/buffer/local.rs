#![allow(unsafe_code)] // Fences: a thread's own entries, which its pool may free the moment a block is put there.
//! A thread's stacks of blocks at rest, one per small enough class.
//!
//! A [`Slot`] belongs to the pool and is leased to one thread at a time. Only the lessee puts and takes. The one
//! other thread that ever looks in is the one that drops the last handle of the pool and closes every slot.
//!
//! # The protocol of an entry
//!
//! An entry is one word: empty, a block, or `CLOSED` for ever.
//!
//! ```text
//!           put (compare-exchange)              close (swap)
//!   empty ───────────────────────▶ block ─────────────────────▶ CLOSED
//!     ▲                              │                             ▲
//!     └───────take (load, store)─────┘      empty ──close (swap)───┘
//! ```
//!
//! * *put against close*: both are read-modify-writes of the same word. Either the close comes later and finds
//!   the block, or it came first and the put is refused: exactly one of them owns the block, and neither waits.
//! * *take against close* does not happen: taking needs a handle, and closing is what follows the last one's
//!   drop. So a take is a plain load and store, and a warm get has no locked instruction.
//!
//! A block in an entry owns one reference to its pool's `Home`. Whoever takes the block takes the reference.

use super::class::{self, Class};
use crate::sync::{
    AtomicBool, AtomicPtr, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use std::array;
use std::ptr::{self, NonNull};

/// Entries of a shelf: with its length it fills one cache line.
pub(super) const DEPTH: usize = 7;

/// Larger blocks skip the slots: wiping one takes a thousand times as long as a visit to the shared store.
const CACHED_BYTES_MAX: usize = 1 << 20;

/// What a thread may keep of one class, in bytes (but at least one block).
const CACHED_BYTES_PER_CLASS: usize = 256 << 10;

const SHELVES: usize = match Class::of(CACHED_BYTES_MAX) {
    Some(class) => class.index() + 1,
    None => 0,
};

const _: () = assert!(0 < SHELVES && SHELVES <= class::COUNT);

/// What a closed entry holds. No block has this address.
const CLOSED: *mut u8 = ptr::without_provenance_mut(1);

/// Why a block was not kept.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The thread has enough blocks of this class.
    Full,
    /// The pool's last handle is gone.
    Closed,
}

/// How many blocks of each class a thread keeps: a table, because a division would cost as much as all the rest.
const LIMITS: [usize; SHELVES] = {
    let mut limits = [0; SHELVES];
    let mut index = 0;
    while index < SHELVES {
        let by_bytes = CACHED_BYTES_PER_CLASS / class::size_of_index(index);
        limits[index] = match by_bytes {
            0 => 1,
            1..DEPTH => by_bytes,
            _ => DEPTH,
        };
        index += 1;
    }
    limits
};

/// The stack of one class.
#[derive(Debug)]
#[repr(align(64))]
struct Shelf {
    /// How many entries hold a block while the pool is open; written by the lessee only.
    len: AtomicUsize,
    /// The first `len` hold blocks, the newest last.
    entries: [AtomicPtr<u8>; DEPTH],
}

impl Shelf {
    fn new() -> Self {
        Self {
            len: AtomicUsize::new(0),
            entries: array::from_fn(|_| AtomicPtr::new(ptr::null_mut())),
        }
    }

    /// Keeps a block, with the reference it owns. After `Ok` the shelf may be gone: touch nothing.
    ///
    /// # Safety
    /// 1. The shelf lives until the call returns or, if that is earlier, until the block is seen in it.
    #[inline]
    unsafe fn put_newest(
        this: NonNull<Self>,
        limit: usize,
        block: NonNull<u8>,
    ) -> Result<(), Refused> {
        // SAFETY: alive by 1. A pointer to it, rather than to the shelf, is live across the exchange.
        let len = unsafe { &(*this.as_ptr()).len };
        // SAFETY: as above.
        let entries = unsafe { &(*this.as_ptr()).entries };
        // Ordering: Relaxed; only this thread writes it, and a former lessee's writes came with the lease.
        let index = len.load(Relaxed);
        let Some(entry) = entries.get(index).filter(|_| index < limit) else {
            return Err(Refused::Full);
        };
        // Before the exchange: after it the shelf may be freed. Nobody else looks at the length.
        // Ordering: Relaxed; as above.
        len.store(index + 1, Relaxed);
        // Ordering: Release publishes the wiped bytes to the Acquire in `close`, whose caller frees them. Relaxed
        // on failure: nothing behind `CLOSED` is read.
        let publish = if cfg!(zeropool_broken = "buffer_put_relaxed") {
            Relaxed
        } else {
            Release
        };
        if cfg!(zeropool_broken = "buffer_put_without_cas") && entry.load(Relaxed).is_null() {
            entry.store(block.as_ptr(), publish);
            return Ok(());
        }
        match entry.compare_exchange(ptr::null_mut(), block.as_ptr(), publish, Relaxed) {
            Ok(_) => Ok(()),
            Err(_) => Err(Refused::Closed),
        }
    }

    /// The block put last, with its reference.
    ///
    /// # Safety
    /// 1. The caller's thread is the lessee.
    /// 2. No `close` runs during the call or ran before it: the pool has a handle.
    #[inline]
    unsafe fn take_newest(&self) -> Option<NonNull<u8>> {
        // Ordering: Relaxed on all four; by 1 and 2 nobody else reads or writes them meanwhile.
        let index = self.len.load(Relaxed).checked_sub(1)?;
        let entry = self.entries.get(index)?;
        let block = entry.load(Relaxed);
        entry.store(ptr::null_mut(), Relaxed);
        self.len.store(index, Relaxed);
        NonNull::new(block)
    }

    /// Takes every block out, for a lessee that leaves. A `close` at the same time shares them with the caller.
    ///
    /// # Safety
    /// 1. The caller's thread is the lessee.
    unsafe fn drain(&self, mut each: impl FnMut(NonNull<u8>)) {
        for entry in &self.entries {
            // Ordering: Relaxed; a block in it was put by this thread.
            let found = entry.load(Relaxed);
            if found == CLOSED {
                continue;
            }
            let Some(block) = NonNull::new(found) else {
                continue;
            };
            // Ordering: Relaxed; competes with the swap in `close` for the block, whose bytes this thread
            // wrote itself.
            if entry
                .compare_exchange(found, ptr::null_mut(), Relaxed, Relaxed)
                .is_ok()
            {
                each(block);
            }
        }
        // Ordering: Relaxed; the next lessee gets it with the lease.
        self.len.store(0, Relaxed);
    }

    /// Takes every block out and refuses all later ones.
    ///
    /// # Safety
    /// 1. No `take_newest` runs meanwhile or will run later.
    unsafe fn close(&self, mut each: impl FnMut(NonNull<u8>)) {
        for entry in &self.entries {
            // Ordering: Acquire pairs with the Release in `put_newest`: the block's bytes are all written.
            // Release is not needed: `CLOSED` says all there is to know.
            let found = entry.swap(CLOSED, Acquire);
            if found == CLOSED {
                continue;
            }
            if let Some(block) = NonNull::new(found) {
                each(block);
            }
        }
    }
}

/// One thread's stacks in one pool. Never freed before the pool's `Home` is.
#[derive(Debug)]
pub(super) struct Slot {
    leased: AtomicBool,
    /// The pool's next slot; written before this one is published, and not again.
    next: AtomicPtr<Slot>,
    shelves: [Shelf; SHELVES],
}

impl Slot {
    /// A slot leased to the calling thread.
    pub(super) fn new_leased() -> Self {
        Self {
            leased: AtomicBool::new(true),
            next: AtomicPtr::new(ptr::null_mut()),
            shelves: array::from_fn(|_| Shelf::new()),
        }
    }

    /// Link of the pool's list.
    pub(super) fn next(&self) -> &AtomicPtr<Self> {
        &self.next
    }

    /// Leases the slot to the calling thread if nobody has it.
    #[must_use]
    pub(super) fn try_lease(&self) -> bool {
        // Ordering: Relaxed; a guess that saves the exchange.
        !self.leased.load(Relaxed)
            && self
                .leased
                // Ordering: Acquire pairs with the Release in `end_lease`: lengths and entries are as the
                // former lessee left them.
                .compare_exchange(false, true, Acquire, Relaxed)
                .is_ok()
    }

    /// Empties the slot into `each` and gives it back.
    ///
    /// # Safety
    /// 1. The caller's thread is the lessee, and behaves as one no longer.
    pub(super) unsafe fn end_lease(&self, mut each: impl FnMut(Class, NonNull<u8>)) {
        for (shelf, class) in self.shelves.iter().zip(Class::all()) {
            // SAFETY: 1. is the caller's.
            unsafe { shelf.drain(|block| each(class, block)) };
        }
        // Ordering: Release pairs with the Acquire in `try_lease`.
        self.leased.store(false, Release);
    }

    /// Empties the slot into `each` and refuses all later blocks.
    ///
    /// # Safety
    /// 1. The pool has no handle left, and the drops of all handles happened before this call.
    pub(super) unsafe fn close(&self, mut each: impl FnMut(Class, NonNull<u8>)) {
        for (shelf, class) in self.shelves.iter().zip(Class::all()) {
            // SAFETY: 1. taking needs a handle, by the contract of `take_newest`.
            unsafe { shelf.close(|block| each(class, block)) };
        }
    }

    /// Keeps a block, with the reference it owns. After `Ok` the slot may be gone: touch nothing.
    ///
    /// # Safety
    /// 1. The slot lives until the call returns or, if that is earlier, until the block is seen in it.
    #[inline]
    pub(super) unsafe fn put_newest(
        this: NonNull<Self>,
        class: Class,
        block: NonNull<u8>,
    ) -> Result<(), Refused> {
        // SAFETY: alive by 1.
        let leased = unsafe { &(*this.as_ptr()).leased };
        // Ordering: Relaxed; a check of this thread's own doing.
        debug_assert!(leased.load(Relaxed), "only a lessee puts");
        // SAFETY: alive by 1. As in `Shelf::put_newest`, no reference to the whole is live at the end.
        let shelves = unsafe { &(*this.as_ptr()).shelves };
        let (Some(shelf), Some(&limit)) = (shelves.get(class.index()), LIMITS.get(class.index()))
        else {
            return Err(Refused::Full);
        };
        let shelf = NonNull::from(shelf);
        // SAFETY: 1. is the caller's.
        unsafe { Shelf::put_newest(shelf, limit, block) }
    }

    /// The block of `class` that was put last, with its reference.
    ///
    /// # Safety
    /// 1. The caller's thread is the lessee.
    /// 2. The pool has a handle, and has it throughout the call.
    #[inline]
    pub(super) unsafe fn take_newest(&self, class: Class) -> Option<NonNull<u8>> {
        let shelf = self.shelves.get(class.index())?;
        // SAFETY: 1. and 2. are the caller's.
        unsafe { shelf.take_newest() }
    }
}

#[cfg(test)]
mod model;
