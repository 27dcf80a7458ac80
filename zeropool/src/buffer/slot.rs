#![allow(unsafe_code)] // Fences: a thread's own stacks, which its pool may take over and free.
//! A thread's stacks of blocks at rest, one per small enough class.
//!
//! A [`Slot`] belongs to the pool and is leased to one thread at a time, the lessee. It puts and takes without a single locked
//! instruction, because it need not exclude anybody: the rare others who look into the slot exclude themselves.
//!
//! # The protocol
//!
//! | the lessee, each time | who sweeps the slot |
//! |---|---|
//! | 1. `busy = true` | 1. `attention += 1` |
//! | 2. light fence | 2. heavy fence |
//! | 3. if `attention` is not 0: `busy = false`, go elsewhere | 3. if `busy`: leave the slot alone, come back later |
//! | 4. works on its stacks | 4. empties the stacks |
//! | 5. `busy = false` | 5. `attention -= 1` |
//!
//! Whoever's fence comes second sees the other's first step, so never are both in their step 4. (The fences are those of
//! [`Asymmetric`]: the lessee's costs nothing.) Sweepers exclude each other by the pool's lock. So does a lessee that leaves
//! for good while there is attention.
//!
//! A block in a slot owns one reference to its pool's `Home`. Whoever takes the block takes the reference. So once a lessee is
//! out of the slot again, with a block left in it, the slot may be freed any time.

use super::class::{self, Class};
use super::frame::Frame;
use crate::sync::{
    Asymmetric, AtomicBool, AtomicPtr, AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use std::array;
use std::mem;
use std::ptr::{self, NonNull};

/// Larger blocks skip the slots: wiping one takes a thousand times as long as a visit to the shared store.
const CACHED_BYTES_MAX: usize = 1 << 20;

/// What a thread may keep of one class, in bytes (but at least one block).
const CACHED_BYTES_PER_CLASS: usize = 512 << 10;

const SHELVES: usize = match Class::of(if cfg!(zeropool_loom) {
    64
} else {
    CACHED_BYTES_MAX
}) {
    Some(class) => class.index() + 1,
    None => 0,
};

const _: () = assert!(0 < SHELVES && SHELVES <= class::COUNT);

/// How many blocks of each class a thread keeps.
#[derive(Debug)]
pub(super) struct Limits([u16; SHELVES]);

impl Limits {
    /// At most `blocks` of each class, few of the larger ones, and none of very large ones. `size` says how large they are.
    pub(super) fn new(blocks: usize, size: impl Fn(Class) -> usize) -> Self {
        let mut limits = [0; SHELVES];
        for (limit, class) in limits.iter_mut().zip(Class::all()) {
            let by_bytes = match size(class) {
                0..=CACHED_BYTES_MAX => (CACHED_BYTES_PER_CLASS / size(class)).max(1),
                _ => 0,
            };
            *limit = u16::try_from(blocks.min(by_bytes)).unwrap_or(u16::MAX);
        }
        Self(limits)
    }

    #[inline]
    pub(super) fn of(&self, class: Class) -> usize {
        self.0.get(class.index()).map_or(0, |&limit| limit.into())
    }
}

/// How many reasons there are for lessees to keep out of their slots.
#[derive(Debug)]
pub(super) struct Attention {
    reasons: AtomicUsize,
    fences: Asymmetric,
}

impl Attention {
    pub(super) fn new() -> Self {
        Self {
            reasons: AtomicUsize::new(0),
            fences: Asymmetric::of_this_system(),
        }
    }

    /// The lessee's steps 2 and 3.
    #[inline(always)]
    fn is_called(&self) -> bool {
        self.fences.light();
        // Ordering: Acquire pairs with the Release in `Raised::drop`: stacks are as the sweeper left them.
        self.reasons.load(Acquire) != 0
    }

    /// A sweeper's steps 1 and 2; dropping what it returns is step 5.
    pub(super) fn raise(&self) -> Raised<'_> {
        // Ordering: Relaxed; the fence follows.
        self.reasons.fetch_add(1, Relaxed);
        Raised {
            attention: self,
            lets_sweep: self.fences.heavy(),
        }
    }
}

/// Attention, until this is dropped.
#[must_use]
#[derive(Debug)]
pub(super) struct Raised<'a> {
    attention: &'a Attention,
    lets_sweep: bool,
}

impl Raised<'_> {
    /// False if the system has no way to keep lessees out of their slots: then they may not be swept.
    pub(super) fn lets_sweep(&self) -> bool {
        self.lets_sweep
    }

    /// Never lowers it.
    pub(super) fn for_good(self) {
        mem::forget(self);
    }
}

impl Drop for Raised<'_> {
    fn drop(&mut self) {
        // Ordering: Release pairs with the Acquire in `is_called`; a chain of these is one release sequence.
        let publish = if cfg!(zeropool_broken = "slot_lower_relaxed") {
            Relaxed
        } else {
            Release
        };
        self.attention.reasons.fetch_sub(1, publish);
    }
}

/// Why a block was not kept.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The thread has enough blocks of this class.
    Full,
    /// Somebody wants the slots left alone: waiters, or the pool has no handle left.
    Called,
}

/// The stack of one class.
#[derive(Debug)]
struct Shelf {
    top: AtomicPtr<Frame>,
    len: AtomicUsize,
}

// Ordering: Relaxed throughout; one thread at a time uses a shelf, and what hands the slot over publishes it. Atomics,
// because statistics look at lengths.
impl Shelf {
    fn new() -> Self {
        Self {
            top: AtomicPtr::new(ptr::null_mut()),
            len: AtomicUsize::new(0),
        }
    }

    #[inline(always)]
    fn push(&self, frame: NonNull<Frame>, len: usize) {
        // SAFETY: the caller of `Slot::put` holds the frame, which lives as long as the pool.
        unsafe { frame.as_ref() }.set_below(NonNull::new(self.top.load(Relaxed)));
        self.top.store(frame.as_ptr(), Relaxed);
        self.len.store(len + 1, Relaxed);
    }

    #[inline(always)]
    fn pop(&self) -> Option<NonNull<Frame>> {
        let top = NonNull::new(self.top.load(Relaxed))?;
        // SAFETY: frames on a shelf live as long as the pool, which lives as long as they are there.
        let below = unsafe { top.as_ref() }.below();
        self.top
            .store(below.map_or(ptr::null_mut(), NonNull::as_ptr), Relaxed);
        self.len
            .store(self.len.load(Relaxed).wrapping_sub(1), Relaxed);
        Some(top)
    }
}

/// One thread's stacks in one pool. Never freed before the pool's `Home` is.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Slot {
    /// The lessee is between its steps 1 and 5.
    busy: AtomicBool,
    leased: AtomicBool,
    /// The pool's next slot; written before this one is published, and not again.
    next: AtomicPtr<Slot>,
    /// Takes that found a block, since the slot was made. Written by lessees only.
    hits: AtomicU64,
    /// Puts that kept one.
    returns: AtomicU64,
    /// `hits + returns` when somebody last asked whether the slot is idle. Under the sweepers' lock.
    asked: AtomicU64,
    shelves: [Shelf; SHELVES],
}

/// What a slot has counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotCounts {
    pub(super) hits: u64,
    pub(super) returns: u64,
}

impl Slot {
    /// A slot leased to the calling thread.
    pub(super) fn new_leased() -> Self {
        Self {
            busy: AtomicBool::new(false),
            leased: AtomicBool::new(true),
            next: AtomicPtr::new(ptr::null_mut()),
            hits: AtomicU64::new(0),
            returns: AtomicU64::new(0),
            asked: AtomicU64::new(0),
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
                // Ordering: Acquire pairs with the Release in `end_lease`: everything is as the former lessee left it.
                .compare_exchange(false, true, Acquire, Relaxed)
                .is_ok()
    }

    /// Gives the slot back, after it was emptied with [`Slot::clear`].
    ///
    /// # Safety
    /// 1. The caller's thread is the lessee, and behaves as one no longer.
    pub(super) unsafe fn end_lease(&self) {
        // Ordering: Release pairs with the Acquire in `try_lease`.
        self.leased.store(false, Release);
    }

    /// Keeps a block, with the reference it owns. After `Ok` slot and pool may be gone: touch nothing.
    ///
    /// # Safety
    /// 1. The caller's thread is the lessee.
    /// 2. It holds the frame, of class `class`, and with it a reference to the pool that `this` and `attention` belong to. After
    ///    `Ok` it has neither.
    #[inline]
    pub(super) unsafe fn put(
        this: NonNull<Self>,
        attention: NonNull<Attention>,
        class: Class,
        limit: usize,
        frame: NonNull<Frame>,
    ) -> Result<(), Refused> {
        // SAFETY: the pool lives, by 2, until `busy` is false again below. What is used then is a reference to it alone.
        let busy = unsafe { &(*this.as_ptr()).busy };
        // Ordering: Relaxed; the light fence follows.
        busy.store(true, Relaxed);
        // SAFETY: as above, and not used below.
        let slot = unsafe { this.as_ref() };
        // SAFETY: as above.
        let attention = unsafe { attention.as_ref() };
        let done = if attention.is_called() {
            Err(Refused::Called)
        } else {
            slot.keep(class, limit, frame)
        };
        // Ordering: Release pairs with the Acquire in `sweep`.
        busy.store(false, Release);
        done
    }

    #[inline(always)]
    fn keep(&self, class: Class, limit: usize, frame: NonNull<Frame>) -> Result<(), Refused> {
        let Some(shelf) = self.shelves.get(class.index()) else {
            return Err(Refused::Full);
        };
        // Ordering: Relaxed, as everything of a shelf.
        let len = shelf.len.load(Relaxed);
        if len >= limit {
            return Err(Refused::Full);
        }
        shelf.push(frame, len);
        // Ordering: Relaxed, here and below; only lessees write it.
        let returns = self.returns.load(Relaxed);
        self.returns.store(returns.wrapping_add(1), Relaxed);
        Ok(())
    }

    /// True now and then, for a lessee: it is time to look at the clock.
    #[inline]
    pub(super) fn is_time(&self) -> bool {
        // Ordering: Relaxed; only lessees write it.
        self.hits.load(Relaxed).is_multiple_of(256)
    }

    /// The block of `class` that was put last, with its reference; none if there is none, or if there is attention.
    ///
    /// # Safety
    /// 1. The caller's thread is the lessee.
    /// 2. The pool lives throughout the call, and `attention` is its own.
    #[inline]
    pub(super) unsafe fn take(
        &self,
        attention: &Attention,
        class: Class,
    ) -> Option<NonNull<Frame>> {
        let shelf = self.shelves.get(class.index())?;
        // Ordering: Relaxed; the light fence follows.
        self.busy.store(true, Relaxed);
        let found = if attention.is_called() {
            None
        } else {
            shelf.pop()
        };
        if found.is_some() {
            // Ordering: Relaxed, here and below; only lessees write it.
            let hits = self.hits.load(Relaxed);
            self.hits.store(hits.wrapping_add(1), Relaxed);
        }
        // Ordering: Release pairs with the Acquire in `sweep`.
        self.busy.store(false, Release);
        found
    }

    /// Empties the stacks into `each`, unless the lessee is inside: then false, and the caller has to come back if it needs
    /// everything.
    ///
    /// # Safety
    /// 1. The caller has a [`Raised`] of this pool's attention that lets it sweep.
    /// 2. It holds the lock that all sweepers of this pool hold.
    #[must_use]
    pub(super) unsafe fn sweep(&self, each: impl FnMut(Class, NonNull<Frame>)) -> bool {
        // Ordering: Acquire pairs with the Release in `put` and `take`.
        if self.busy.load(Acquire) && !cfg!(zeropool_broken = "slot_busy_ignored") {
            return false;
        }
        self.empty(each);
        true
    }

    /// Empties the stacks of one class, or of all, into `each`, as their lessee. False if there is attention, and nothing was
    /// done.
    ///
    /// # Safety
    /// 1. The caller's thread is the lessee.
    /// 2. The pool lives throughout the call, and `attention` is its own.
    #[must_use]
    pub(super) unsafe fn clear(
        &self,
        attention: &Attention,
        each: impl FnMut(Class, NonNull<Frame>),
    ) -> bool {
        // Ordering: Relaxed; the light fence follows.
        self.busy.store(true, Relaxed);
        let called = attention.is_called();
        if !called {
            self.empty(each);
        }
        // Ordering: Release pairs with the Acquire in `sweep`.
        self.busy.store(false, Release);
        !called
    }

    /// As [`Slot::clear`], whether there is attention or not.
    ///
    /// # Safety
    /// 1. The caller's thread is the lessee.
    /// 2. It holds the lock that all sweepers of this pool hold.
    pub(super) unsafe fn clear_locked(&self, each: impl FnMut(Class, NonNull<Frame>)) {
        self.empty(each);
    }

    /// Takes up to `max` blocks of `class` out, as their lessee, to make room; none if there is attention.
    ///
    /// # Safety
    /// 1. and 2. of [`Slot::clear`].
    pub(super) unsafe fn spill(
        &self,
        attention: &Attention,
        class: Class,
        max: usize,
        mut each: impl FnMut(NonNull<Frame>),
    ) {
        let Some(shelf) = self.shelves.get(class.index()) else {
            return;
        };
        // Ordering: Relaxed; the light fence follows.
        self.busy.store(true, Relaxed);
        if !attention.is_called() {
            for _ in 0..max {
                let Some(frame) = shelf.pop() else { break };
                each(frame);
            }
        }
        // Ordering: Release pairs with the Acquire in `sweep`.
        self.busy.store(false, Release);
    }

    fn empty(&self, mut each: impl FnMut(Class, NonNull<Frame>)) {
        for (shelf, class) in self.shelves.iter().zip(Class::all()) {
            while let Some(frame) = shelf.pop() {
                each(class, frame);
            }
        }
    }

    /// Was the slot not used since the last call? A guess. Under the sweepers' lock.
    pub(super) fn was_idle(&self) -> bool {
        let SlotCounts { hits, returns } = self.counts();
        let now = hits.wrapping_add(returns);
        // Ordering: Relaxed; under the lock.
        self.asked.swap(now, Relaxed) == now
    }

    /// How many blocks of each class rest here; exact if nobody uses the slot.
    pub(super) fn lengths(&self) -> impl Iterator<Item = (Class, usize)> {
        // Ordering: Relaxed; a statistic.
        let len = |shelf: &Shelf| shelf.len.load(Relaxed);
        Class::all().zip(self.shelves.iter().map(len))
    }

    /// What has happened here; exact if nobody uses the slot.
    pub(super) fn counts(&self) -> SlotCounts {
        // Ordering: Relaxed; statistics.
        SlotCounts {
            hits: self.hits.load(Relaxed),
            returns: self.returns.load(Relaxed),
        }
    }
}

#[cfg(test)]
mod model;
