#![allow(unsafe_code)] // Fences: the pointer to the current slot array, which thieves follow.
//! A work-stealing deque that grows: one owner at the newest end, any number of thieves at the oldest.
//!
//! The algorithm is Chase and Lev's (SPAA 2005, doi 10.1145/1073970.1073974) with the orderings of Lê, Pop,
//! Cohen and Zappa Nardelli (PPoPP 2013, doi 10.1145/2442516.2442524), their fences turned into `SeqCst`
//! accesses. It is not a queue for work from outside: only the owner pushes.
//!
//! # Indices
//!
//! Items have the indices `top..bottom`; the item with index `i` lives in slot `i % capacity` of the current
//! array. `top` only ever grows, and always by a compare-exchange from `t` to `t + 1` that takes item `t`.
//! `bottom` is written by the owner alone. Indices are 64 bits wide: at one push a nanosecond they wrap after
//! 584 years, so the code takes them as never wrapping.
//!
//! # Why no item is taken twice
//!
//! The owner takes item `i` without a compare-exchange only if, *after* writing `bottom = i`, it reads
//! `top < i`. A thief takes `i` only if it reads `top = i` and *then* `bottom > i`.
//!
//! ```text
//!        owner                                thief
//!   P1   bottom.swap(i)                  S1   top.load() == i
//!   P2   top.load() < i                  S2   bottom.load() > i ?
//! ```
//!
//! All four are `SeqCst`, and so is the compare-exchange C that wrote `top = i`. P2 read an older value than
//! C wrote, so P2 comes before C in the single total order, and C before S1, which read from it. Then
//! P1 < P2 < C < S1 < S2, and S2 reads P1's value or a later one. A later one above `i` comes from a push that
//! put a *new* item at `i`. Without that total order S2 could read a stale `bottom` while P2 reads a stale
//! `top`, and both would take the item. If the owner reads `top = i`, the item is the last: it competes for
//! it with the same compare-exchange as the thieves.
//!
//! # Why a successful steal returns both words of one item
//!
//! A thief reads the two words of slot `t` first and then moves `top` from `t`; if that succeeds, the words
//! are those of item `t`:
//!
//! * *Not older.* S2 acquires the push that wrote item `t` (the total order above excludes a stale `bottom`
//!   from before the owner took an earlier item `t` back), and the array is loaded after S2, so it is the one
//!   that push used, or one made later, into which `t` was copied because `top` had not passed it.
//! * *Not newer.* Slot `t` of an array is rewritten only by a push of index `t + capacity`, for which the owner
//!   must have read `top > t`. If somebody else moved `top` past `t`, our compare-exchange fails. If we did, it
//!   released our reads to the owner's acquiring load of `top`, so they cannot see what it wrote afterwards.
//!   Taking the *last* item, which could let the owner push to index `t` again, moves `top` past it as well.
//!
//! # Memory
//!
//! A full array is copied into one of twice the size. A thief may still read the old one, so it is kept until
//! the deque is dropped: that is the whole reclamation rule. Sizes double, so all kept arrays together are
//! smaller than the current one, and the memory is below twice what the longest queue needed.

use super::Item;
use crate::sync::{
    AtomicPtr, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
    fence_in_loom,
};
use crossbeam_utils::CachePadded;
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

#[cfg(test)]
mod model;
#[cfg(all(test, not(zeropool_loom)))]
mod tests;

// SAFETY: an item is two words; nothing in `queue` follows the pointer, so moving one between threads cannot
// race. Whoever turns the words back into something argues there why this thread may.
unsafe impl Send for Item {}

/// What a thief came back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Steal {
    /// There was nothing (that was asked for).
    Empty,
    /// Somebody else took the oldest item first; there may be more.
    Retry,
    /// The oldest item, now the caller's.
    Taken(Item),
}

/// The end of the deque where items are pushed and popped, newest first; one per deque, for one thread.
#[derive(Debug)]
pub(crate) struct Owner {
    shared: Arc<Shared>,
    /// A value that `top` had: never above it. Saves reading the thieves' cache line in most calls, and makes
    /// the owner `!Sync`.
    top_seen: Cell<u64>,
}

/// The end of the deque where items are stolen, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Stealer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The index of the oldest item. Grows by one with each compare-exchange that takes an item.
    top: CachePadded<AtomicU64>,
    owned: CachePadded<Owned>,
}

/// What only the owner writes, and thieves read.
#[derive(Debug)]
struct Owned {
    /// One above the index of the newest item; below `top` for a moment while the owner finds that out.
    bottom: AtomicU64,
    /// The current array. Invariant: it comes from `Box::into_raw`, as does each `previous` behind it; all of
    /// them stay valid and are only read through shared references until `Shared` is dropped.
    array: AtomicPtr<Array>,
}

#[derive(Debug)]
struct Array {
    /// A power of two of them.
    slots: Box<[Slot]>,
    /// The array this one replaced, or null.
    previous: *mut Array,
}

#[derive(Debug, Default)]
struct Slot {
    ptr: AtomicPtr<()>,
    tag: AtomicU64,
}

/// Makes an empty deque with room for `min_capacity` items, rounded up to a power of two, before it grows.
pub(crate) fn deque(min_capacity: usize) -> (Owner, Stealer) {
    // A checker must see growth and wrap-around within a few steps.
    let capacity = if cfg!(any(zeropool_loom, miri)) {
        min_capacity.clamp(1, 2)
    } else {
        min_capacity.max(1)
    };
    let array = Array::new(capacity.next_power_of_two(), ptr::null_mut());
    let shared = Arc::new(Shared {
        top: CachePadded::new(AtomicU64::new(0)),
        owned: CachePadded::new(Owned {
            bottom: AtomicU64::new(0),
            array: AtomicPtr::new(Box::into_raw(array)),
        }),
    });
    let stealer = Stealer {
        shared: Arc::clone(&shared),
    };
    let owner = Owner {
        shared,
        top_seen: Cell::new(0),
    };
    (owner, stealer)
}

impl Owner {
    /// Adds an item at the newest end. Allocates only when the deque is longer than ever before.
    ///
    /// Does not order the push before a later look at who sleeps: a caller that needs that puts its own
    /// `SeqCst` fence in between.
    #[inline]
    pub(crate) fn push_newest(&self, item: Item) {
        let owned = &self.shared.owned;
        // Ordering: Relaxed, both; only this thread writes them.
        let bottom = owned.bottom.load(Relaxed);
        let mut array = self.shared.array(Relaxed);
        if bottom - self.top_seen.get() >= array.slots.len() as u64 {
            // Ordering: Acquire pairs with the Release half of the thieves' exchange: they have read the slot
            // that is about to be written.
            self.top_seen.set(self.shared.top.load(Acquire));
            if bottom - self.top_seen.get() >= array.slots.len() as u64 {
                array = self.grow(bottom);
            }
        }
        array.write(bottom, item);
        let publish = if cfg!(zeropool_broken = "deque_push_relaxed") {
            Relaxed
        } else {
            Release
        };
        // Ordering: Release pairs with the thieves' load of `bottom`: the slot and the array are visible.
        owned.bottom.store(bottom + 1, publish);
    }

    /// Takes the newest item.
    #[inline]
    pub(crate) fn pop_newest(&self) -> Option<Item> {
        let owned = &self.shared.owned;
        // Ordering: Relaxed; only this thread writes it.
        let bottom = owned.bottom.load(Relaxed);
        if bottom == self.top_seen.get() {
            return None;
        }
        let newest = bottom - 1;
        // Ordering: SeqCst, P1 and P2 of the race drawn above. A swap rather than a store: on x86 it is the
        // store and the fence in one instruction, cheaper than the two. P2 also acquires, as in `push_newest`.
        let (p1, p2) = if cfg!(zeropool_broken = "deque_pop_acqrel") {
            (AcqRel, Acquire)
        } else {
            (SeqCst, SeqCst)
        };
        owned.bottom.swap(newest, p1);
        if !cfg!(zeropool_broken = "deque_pop_fence") {
            fence_in_loom();
        }
        let top = self.shared.top.load(p2);
        self.top_seen.set(top);
        // Ordering: Relaxed; only this thread writes arrays and slots.
        let array = self.shared.array(Relaxed);
        if top < newest {
            return Some(array.read(newest));
        }
        // One item was left, or none if a thief was faster; either way the deque is empty afterwards and the
        // next push goes to index `bottom`: leaving `newest` there would put it below `top`, out of sight.
        let won = top == newest && {
            if cfg!(zeropool_broken = "deque_last_item_by_store") {
                self.shared.top.store(bottom, SeqCst);
            }
            // Ordering: SeqCst, C of the race above. Acquire on failure: the thief that won has read the slot,
            // and `top_seen` will say that it may be written again.
            self.shared
                .top
                .compare_exchange(top, bottom, SeqCst, Acquire)
                .is_ok()
                || cfg!(zeropool_broken = "deque_last_item_by_store")
        };
        self.top_seen.set(bottom);
        if !cfg!(zeropool_broken = "deque_pop_without_restore") {
            // Ordering: Relaxed; nothing is below this index any more, so nobody takes an item because of it.
            owned.bottom.store(bottom, Relaxed);
        }
        won.then(|| array.read(newest))
    }

    /// The index that the next item will have.
    #[inline]
    pub(crate) fn next(&self) -> u64 {
        // Ordering: Relaxed; only this thread writes it.
        self.shared.owned.bottom.load(Relaxed)
    }

    /// Whether `item` was pushed last, of all that this thread has not popped. A thief may have taken it nevertheless.
    #[inline]
    pub(crate) fn is_newest(&self, item: Item) -> bool {
        // Ordering: Relaxed, both; only this thread writes bottom, arrays and slots.
        let bottom = self.next();
        bottom > 0 && self.shared.array(Relaxed).read(bottom - 1) == item
    }

    /// How many items there are; thieves may take some meanwhile. Costs a look at the thieves' cache line.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.shared.len()
    }

    /// Another thief's end of this deque.
    #[cfg(test)]
    pub(crate) fn stealer(&self) -> Stealer {
        Stealer {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Replaces the full array by one of twice the size and returns it.
    #[cold]
    #[inline(never)]
    fn grow(&self, bottom: u64) -> &Array {
        let owned = &self.shared.owned;
        // Ordering: Relaxed; only this thread writes it.
        let old_ptr = owned.array.load(Relaxed);
        let old = self.shared.array(Relaxed);
        let new = Box::into_raw(Array::new(old.slots.len() * 2, old_ptr));
        if cfg!(zeropool_broken = "deque_grow_early_publish") {
            owned.array.store(new, Release);
        }
        // SAFETY: `new` comes from `Box::into_raw` and nothing frees it before `Shared` is dropped, which
        // `self` keeps alive.
        let array = unsafe { &*new };
        for index in self.top_seen.get()..bottom {
            array.write(index, old.read(index));
        }
        // Ordering: Release pairs with the Acquire in `steal`: the copies are visible.
        owned.array.store(new, Release);
        if cfg!(zeropool_broken = "deque_grow_frees_former") {
            // SAFETY: it comes from `Box::into_raw`, but thieves may read it, and it is freed with the others.
            drop(unsafe { Box::from_raw(old_ptr) });
        }
        array
    }
}

impl Stealer {
    /// Takes the oldest item.
    #[inline]
    pub(crate) fn steal_oldest(&self) -> Steal {
        self.steal(None)
    }

    /// Takes the oldest item if its tag is `tag`. `Empty` means that at some moment during the call there was
    /// no item, or the oldest one had another tag.
    #[inline]
    pub(crate) fn steal_oldest_tagged(&self, tag: u64) -> Steal {
        self.steal(Some(tag))
    }

    /// Whether there is nothing to steal. May be outdated at once; an item that was there before the call and
    /// stays there is never overlooked.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index of the oldest item, if there is one; indices are never used again.
    #[inline]
    pub(crate) fn oldest(&self) -> Option<u64> {
        // Ordering: Relaxed; a hint.
        let top = self.shared.top.load(Relaxed);
        (self.shared.owned.bottom.load(Relaxed) > top).then_some(top)
    }

    /// The index that the next item will have; a hint.
    #[inline]
    pub(crate) fn next(&self) -> u64 {
        // Ordering: Relaxed; a hint.
        self.shared.owned.bottom.load(Relaxed)
    }

    /// How many items there are, roughly while others are at work.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.shared.len()
    }

    #[inline]
    fn steal(&self, wanted: Option<u64>) -> Steal {
        let shared = &*self.shared;
        // Ordering: SeqCst, S1 and S2 of the race drawn above. S2 also acquires the slot and the array.
        let (s1, s2) = if cfg!(zeropool_broken = "deque_steal_acquire") {
            (Acquire, Acquire)
        } else {
            (SeqCst, SeqCst)
        };
        let top = shared.top.load(s1);
        if !cfg!(zeropool_broken = "deque_steal_fence") {
            fence_in_loom();
        }
        let bottom = shared.owned.bottom.load(s2);
        if bottom <= top {
            return Steal::Empty;
        }
        // Ordering: Acquire pairs with the Release in `grow`.
        let array = shared.array(Acquire);
        let mut item = array.read(top);
        if wanted.is_some_and(|tag| tag != item.tag)
            && !cfg!(zeropool_broken = "deque_tag_after_exchange")
        {
            // Ordering: Relaxed is enough: if the tag was a later item's, reading it has acquired what the
            // owner knew when it reused the slot, a newer `top` among that.
            return if cfg!(zeropool_broken = "deque_tag_without_recheck")
                || shared.top.load(Relaxed) == top
            {
                Steal::Empty
            } else {
                Steal::Retry
            };
        }
        // Ordering: SeqCst, C of the race above; its Release half pairs with the owner's loads of `top`.
        // Nothing is read on failure.
        if shared
            .top
            .compare_exchange(top, top + 1, SeqCst, Relaxed)
            .is_err()
        {
            return Steal::Retry;
        }
        if cfg!(zeropool_broken = "deque_read_after_cas") {
            item = array.read(top);
        }
        Steal::Taken(item)
    }
}

impl Shared {
    /// The current array; `ordering` is Acquire for thieves, Relaxed for the owner, who stored it.
    #[inline(always)]
    fn array(&self, ordering: crate::sync::Ordering) -> &Array {
        let array = self.owned.array.load(ordering);
        // SAFETY: by the invariant of `array` it is valid for as long as `self` is; its initialisation is
        // visible because this thread stored it, or acquired the store.
        unsafe { &*array }
    }

    #[inline]
    fn len(&self) -> usize {
        // Ordering: Relaxed; a snapshot that decides nothing about memory. `top` first: if it moves on in
        // between, the answer is too large, and an item that stays is never overlooked.
        let top = self.top.load(Relaxed);
        let bottom = self.owned.bottom.load(Relaxed);
        bottom.saturating_sub(top) as usize
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Ordering: Relaxed; nobody else is left, and the `Arc` around us has synchronised with them.
        let mut array = self.owned.array.load(Relaxed);
        while !array.is_null() {
            // SAFETY: by the invariant of `array` it comes from `Box::into_raw`; each array is in the chain
            // once, and no thief is left to read it.
            let owned = unsafe { Box::from_raw(array) };
            array = owned.previous;
            if cfg!(zeropool_broken = "deque_keeps_former") {
                break;
            }
        }
    }
}

impl Array {
    fn new(capacity: usize, previous: *mut Array) -> Box<Self> {
        debug_assert!(capacity.is_power_of_two());
        let slots = (0..capacity).map(|_| Slot::default()).collect();
        Box::new(Self { slots, previous })
    }

    #[inline(always)]
    fn slot(&self, index: u64) -> &Slot {
        let offset = index as usize & (self.slots.len() - 1);
        // SAFETY: the length is a power of two, so masking with one less stays below it.
        unsafe { self.slots.get_unchecked(offset) }
    }

    /// Ordering: Relaxed for the pointer, which `bottom` or `array` publishes. The tag is Release, free on x86,
    /// so that a thief that reads it too late learns that `top` has moved.
    #[inline(always)]
    fn write(&self, index: u64, item: Item) {
        let slot = self.slot(index);
        slot.ptr.store(item.ptr, Relaxed);
        slot.tag.store(item.tag, Release);
    }

    /// Ordering: Relaxed for the pointer, whose store the caller has acquired with `bottom`, and which only a
    /// successful exchange makes valid. The tag is Acquire, see `write`.
    #[inline(always)]
    fn read(&self, index: u64) -> Item {
        let slot = self.slot(index);
        Item {
            tag: slot.tag.load(Acquire),
            ptr: slot.ptr.load(Relaxed),
        }
    }
}
