#![allow(unsafe_code)] // Fences: addresses at rest becoming blocks again, and the references they own.
//! Where the blocks of one pool are at home: how they are lent, taken back, and freed in the end.
//!
//! # Who keeps what alive
//!
//! [`Home`] is behind an `Arc`. Its strong references are: one in every handle, one in every block that is lent,
//! one in every block that rests in a thread's slot (moving a block between its guard and a slot moves the
//! reference along and counts nothing). A block in the shared store has none: the store is part of the home.
//!
//! The end of a pool has two steps, in this order:
//!
//! 1. *The last handle is dropped.* Nobody can get a buffer any more. The dropping thread closes every slot, its
//!    own and other threads', and the store, and frees all that rested there, with the references.
//! 2. *The last reference goes*, which is the handle's of step 1 or that of the last lent buffer. The home frees the
//!    slots. (The store is empty: whoever puts a buffer there during step 1 takes it out again.)
//!
//! A buffer that is dropped between the two steps is wiped and freed on the spot. A thread that exits
//! holds a reference while it empties its slot, so step 2 may be its. What a thread keeps of a dead
//! pool is its entry in the lease table and the emptied `Home` that the entry's `Weak` points to, until it
//! leases from another pool or exits.

use super::block::Block;
use super::class::Class;
use super::lease;
use super::local::Slot;
use super::shared::{Shared, Stored};
use crate::sync::{
    AtomicPtr, AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
    thread,
};
use std::mem;
use std::num::NonZero;
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// A pool without its handles. On cache lines of its own: beside them lies the reference count, which is busy.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Home {
    /// Never used for another pool of this process.
    id: u64,
    /// Head of the list of slots, which only grows. Each is a leaked `Box` that the home owns.
    slots: AtomicPtr<Slot>,
    /// Holds blocks of the sizes of their classes, wiped; it owns them.
    shared: Shared,
    #[cfg(test)]
    pub(super) tally: Arc<super::tests::Tally>,
}

/// The right to get buffers: what `BufferPool` is made of. Closes the home when the last clone is dropped.
#[derive(Debug, Clone)]
pub(super) struct Handle {
    home: Arc<Home>,
    _open: Arc<Open>,
}

/// What all handles of a pool share.
#[derive(Debug)]
struct Open {
    home: Arc<Home>,
}

/// Where a lent block goes when it is returned; owns one reference to the home.
#[derive(Debug)]
pub(super) struct Origin {
    home: Arc<Home>,
    class: Class,
}

impl Handle {
    /// A new pool.
    pub(super) fn new() -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(1);
        let home = Arc::new(Home {
            // Ordering: Relaxed; only that no two are the same matters. 64 bits do not wrap.
            id: NEXT_ID.fetch_add(1, Relaxed),
            slots: AtomicPtr::new(ptr::null_mut()),
            shared: Shared::new(hardware_threads()),
            #[cfg(test)]
            tally: Arc::default(),
        });
        Self {
            _open: Arc::new(Open {
                home: Arc::clone(&home),
            }),
            home,
        }
    }

    #[cfg(test)]
    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    /// Lends a block of `class`, all zero.
    #[inline]
    pub(super) fn lend(&self, class: Class) -> (Block, Origin) {
        if let Some(slot) = lease::slot_of(&self.home) {
            // SAFETY: `slot_of` found it in the home's list, which `&self` keeps alive.
            let slot = unsafe { slot.as_ref() };
            // SAFETY: 1. `slot_of` gives the calling thread's slot. 2. `self` is a handle.
            if let Some(start) = unsafe { slot.take_newest(class) } {
                // SAFETY: 1. the slots hold addresses that `take_back` got from blocks of this class.
                // 2. `take_newest` hands each out once.
                let block = unsafe { Block::from_raw(start, class.size()) };
                // SAFETY: 1. the block came out of a slot.
                let home = unsafe { self.home.inherit() };
                return (block, Origin { home, class });
            }
        }
        self.lend_elsewhere(class)
    }

    /// As [`Handle::lend`], when the thread has no such block at hand.
    #[cold]
    #[inline(never)]
    fn lend_elsewhere(&self, class: Class) -> (Block, Origin) {
        lease::lease(&self.home);
        let block = match self.home.shared.take(class, lease::affinity()) {
            // SAFETY: 1. the store holds addresses that `store_or_free` got from blocks of this class.
            // 2. It hands each out once.
            Some(start) => unsafe { Block::from_raw(start, class.size()) },
            None => self.home.allocate(class),
        };
        let home = Arc::clone(&self.home);
        (block, Origin { home, class })
    }
}

/// As `available_parallelism`, asked once: the answer takes system calls, and files to read.
fn hardware_threads() -> usize {
    static KNOWN: AtomicUsize = AtomicUsize::new(0);
    // Ordering: Relaxed, here and below; nothing hangs on the number, and asking twice does no harm.
    let mut count = KNOWN.load(Relaxed);
    if count == 0 {
        count = thread::available_parallelism().map_or(1, NonZero::get);
        KNOWN.store(count, Relaxed);
    }
    count
}

impl Origin {
    /// Takes back a block that is wiped. Never panics, whatever state the thread is in.
    #[inline]
    pub(super) fn take_back(self, block: Block) {
        let Self { home, class } = self;
        debug_assert_eq!(block.capacity(), class.size());
        let refused = match lease::slot_of(&home) {
            None => block,
            Some(slot) => {
                let start = block.into_raw();
                // SAFETY: 1. `home` keeps its slots alive, and its reference is handed over with the block.
                if unsafe { Slot::put_newest(slot, class, start) }.is_ok() {
                    // The entry owns the reference now; whoever took the block may have used it up already.
                    return mem::forget(home);
                }
                // SAFETY: 1. made from a block of this class above. 2. The slot refused it.
                unsafe { Block::from_raw(start, class.size()) }
            }
        };
        home.store_or_free(class, refused);
    }
}

impl Home {
    /// Distinguishes this pool from every other of the process, past and future.
    #[inline]
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// The reference that a block in a slot owned.
    ///
    /// # Safety
    /// 1. The caller has just taken a block out of one of this home's slots, and calls this once for it.
    #[inline]
    unsafe fn inherit(self: &Arc<Self>) -> Arc<Self> {
        // SAFETY: the address comes from an `Arc` of this type, and `take_back` forgot one reference for every
        // block it put in a slot: by 1. there is one for the caller.
        unsafe { Arc::from_raw(Arc::as_ptr(self)) }
    }

    /// A slot for the calling thread: one that an exited thread left, or a new one.
    pub(super) fn lease_slot(&self) -> NonNull<Slot> {
        // Ordering: Acquire pairs with the Release below: the slots, and their links, are complete.
        let head = self.slots.load(Acquire);
        let mut next = NonNull::new(head);
        while let Some(found) = next {
            // SAFETY: by the invariant of `slots` it lives as long as `self`.
            let slot = unsafe { found.as_ref() };
            if slot.try_lease() {
                return found;
            }
            // Ordering: Relaxed; written before the slot was published.
            next = NonNull::new(slot.next().load(Relaxed));
        }
        let new = NonNull::from(Box::leak(Box::new(Slot::new_leased())));
        // SAFETY: by the invariant of `slots` it lives as long as `self`.
        let slot = unsafe { new.as_ref() };
        let mut head = head;
        loop {
            // Ordering: Relaxed; published by the exchange.
            slot.next().store(head, Relaxed);
            // Ordering: Release pairs with the Acquire above and in `close`.
            match self
                .slots
                .compare_exchange_weak(head, new.as_ptr(), Release, Relaxed)
            {
                Ok(_) => return new,
                Err(now) => head = now,
            }
        }
    }

    /// Empties a slot into the shared store, where other threads find the blocks.
    ///
    /// # Safety
    /// 1. `slot` is one of this home's, leased by the calling thread, which behaves as a lessee no longer.
    pub(super) unsafe fn end_lease(self: &Arc<Self>, slot: NonNull<Slot>) {
        // SAFETY: by the invariant of `slots` it lives as long as `self`.
        let slot = unsafe { slot.as_ref() };
        let each = |class: Class, start| {
            // SAFETY: 1. and 2. as in `Handle::lend`.
            let block = unsafe { Block::from_raw(start, class.size()) };
            // SAFETY: 1. the block came out of a slot.
            let reference = unsafe { self.inherit() };
            reference.store_or_free(class, block);
        };
        // SAFETY: 1. is the caller's.
        unsafe { slot.end_lease(each) };
    }

    /// Puts a wiped block into the shared store, or frees it if there is no room or the pool is closed.
    #[cold]
    #[inline(never)]
    fn store_or_free(&self, class: Class, block: Block) {
        match self.shared.put(class, lease::affinity(), block.into_raw()) {
            Ok(Stored::ToStay) => {}
            Ok(Stored::ButClosed) => self.drain_shared(),
            // SAFETY: 1. made from a block of this class just now. 2. The store refused it.
            Err(start) => self.free(unsafe { Block::from_raw(start, class.size()) }),
        }
    }

    fn allocate(&self, class: Class) -> Block {
        #[cfg(test)]
        self.tally.allocated();
        self.shared.prepare(class);
        Block::zeroed(class.size())
    }

    fn free(&self, block: Block) {
        #[cfg(test)]
        self.tally.freed();
        drop(block);
    }

    /// Step 1 of a pool's end.
    ///
    /// # Safety
    /// 1. The pool has no handle left, and the drops of all handles happened before this call.
    unsafe fn close(self: &Arc<Self>) {
        self.shared.close();
        // Ordering: Acquire pairs with the Release in `lease_slot`. Leasing needs a handle: the list is final.
        let mut next = NonNull::new(self.slots.load(Acquire));
        while let Some(slot) = next {
            // SAFETY: by the invariant of `slots` it lives as long as `self`.
            let slot = unsafe { slot.as_ref() };
            let each = |class: Class, start| {
                // SAFETY: 1. as in `Handle::lend`. 2. Closing takes each block out once, and nobody else gets it.
                let block = unsafe { Block::from_raw(start, class.size()) };
                // SAFETY: 1. the block came out of a slot.
                let reference = unsafe { self.inherit() };
                reference.free(block);
            };
            // SAFETY: 1. is the caller's.
            unsafe { slot.close(each) };
            // Ordering: Relaxed; written before the slot was published.
            next = NonNull::new(slot.next().load(Relaxed));
        }
        self.drain_shared();
    }

    fn drain_shared(&self) {
        self.shared.drain(|class, start| {
            // SAFETY: 1. and 2. as in `Handle::lend_elsewhere`.
            self.free(unsafe { Block::from_raw(start, class.size()) });
        });
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // SAFETY: 1. every handle has an `Arc` of this, so the last is gone, and the `Arc` ordered their drops
        // before this one.
        unsafe { self.home.close() };
    }
}

impl Drop for Home {
    /// Step 2 of a pool's end.
    fn drop(&mut self) {
        self.drain_shared();
        // Ordering: Relaxed, here and below; `&mut self` says that all other accesses came before.
        let mut next = self.slots.load(Relaxed);
        while !next.is_null() {
            // SAFETY: by the invariant of `slots` it is a `Box` of ours. Its entries are empty or closed, for a
            // block in one would own a reference.
            let slot = unsafe { Box::from_raw(next) };
            next = slot.next().load(Relaxed);
        }
    }
}
