#![allow(unsafe_code)] // Fences: the last decrement of a scope's count, after which the scope may be gone.
//! The counts of one scope, and the parker of its owner.
//!
//! They lie in the frame of the scope's caller, its *owner*. One word packs everything that others tell a waiting owner, so that
//! one atomic operation both changes it and tells whether the owner has to be woken:
//!
//! | bits | name | meaning |
//! |---|---|---|
//! | 0 | `WAITING` | the owner sleeps, or is about to |
//! | 1..31 | active | other threads that run one of the tasks, or have just run one and look whether there is another |
//! | 32..63 | pending | tasks spawned by others, less those ended by others; modulo 2^32 |
//!
//! What the owner itself spawns and ends it counts in a word of its own, `own`, which nobody else writes, so that it needs no
//! exchange; that word too may go below zero, as a task can be spawned by one and ended by another. Only the sum of both
//! says how many tasks are pending. The owner alone asks whether that is zero, and it always knows its own part; nobody else's
//! decision depends on it.

use crate::sync::{
    AtomicU32, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed},
    Parker,
};
use crossbeam_utils::CachePadded;

const WAITING: u64 = 1;
const ACTIVE: u64 = 1 << 1;
const PENDING_SHIFT: u32 = 32;
/// In the highest bits: what overflows or is borrowed there touches nothing else.
const PENDING: u64 = 1 << PENDING_SHIFT;
const COUNT_MAX: u32 = (1 << 30) - 1;

/// The owner looks so seldom whether there are too many tasks; a power of two.
const OWN_CHECK: u32 = 1 << 16;

/// A plain copy of both words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    word: u64,
    own: u32,
}

impl Counts {
    pub(crate) fn pending(self) -> u32 {
        self.own.wrapping_add((self.word >> PENDING_SHIFT) as u32)
    }

    pub(crate) fn active(self) -> u32 {
        (self.word as u32) >> 1
    }

    /// No task is pending and no thread is active: the scope can end. For the owner.
    pub(crate) fn is_over(self) -> bool {
        self.pending() == 0 && self.active() == 0
    }

    fn is_waiting(self) -> bool {
        self.word & WAITING != 0
    }

    fn is_too_many(self) -> bool {
        // Above half the range it is below zero: the parts were not read at the same time.
        (COUNT_MAX..1 << 31).contains(&self.pending())
    }

    fn abort_if_too_many(self) {
        if self.is_too_many() {
            eprintln!("zeropool: more than {COUNT_MAX} tasks pending in one scope; aborting");
            std::process::abort();
        }
    }
}

/// The words, and whom to wake.
#[derive(Debug)]
pub(crate) struct ScopeCounts {
    /// Written by the owner alone, all the time.
    own: CachePadded<AtomicU32>,
    word: CachePadded<AtomicU64>,
    owner: &'static Parker,
}

impl ScopeCounts {
    /// For a scope that the owner of this parker will wait for.
    pub(crate) fn new(owner: &'static Parker) -> Self {
        Self {
            own: CachePadded::new(AtomicU32::new(0)),
            word: CachePadded::new(AtomicU64::new(0)),
            owner,
        }
    }

    pub(crate) fn owner(&self) -> &'static Parker {
        self.owner
    }

    /// The counts now. For the owner: with no task pending, everything the tasks did is visible. For others a rough number.
    #[inline]
    pub(crate) fn load(&self) -> Counts {
        let acquire = if cfg!(zeropool_broken = "counts_load_relaxed") {
            Relaxed
        } else {
            Acquire
        };
        // Ordering: Acquire pairs with the Release half of the decrement in `subtract`.
        self.with_own(self.word.load(acquire))
    }

    #[inline]
    fn with_own(&self, word: u64) -> Counts {
        Counts {
            word,
            // Ordering: Relaxed; exact for the owner, who wrote it.
            own: self.own.load(Relaxed),
        }
    }

    /// The owner is about to make a task public.
    #[inline]
    pub(crate) fn spawned_by_owner(&self) {
        let own = self.own.load(Relaxed).wrapping_add(1);
        // Ordering: Relaxed; only the owner decides by it.
        self.own.store(own, Relaxed);
        if own.is_multiple_of(OWN_CHECK) {
            self.load().abort_if_too_many();
        }
    }

    /// The owner has ended a task, and everything of it is dropped.
    #[inline]
    pub(crate) fn ended_by_owner(&self) {
        // Ordering: Relaxed, as in `spawned_by_owner`.
        self.own
            .store(self.own.load(Relaxed).wrapping_sub(1), Relaxed);
    }

    /// Another thread is about to make a task public.
    pub(crate) fn spawned(&self) {
        // Ordering: Relaxed; the task is published by the queue it goes to, and only the decrement matters to
        // the owner.
        let before = self.word.fetch_add(PENDING, Relaxed);
        if self.with_own(before).is_too_many() {
            self.abort_if_still_too_many();
        }
    }

    /// The parts were not read at the same time: only parts that belong together count.
    #[cold]
    fn abort_if_still_too_many(&self) {
        loop {
            let (own, counts) = (self.own.load(Relaxed), self.load());
            if self.own.load(Relaxed) == own {
                return counts.abort_if_too_many();
            }
        }
    }

    /// After the task is in its queue and in its scope's list, and a `SeqCst` fence: wakes the owner if it sleeps.
    pub(crate) fn posted(&self) {
        // Ordering: Relaxed after the caller's fence, which pairs with the one the owner issues between
        // `announce_wait` and its last look into its scope's list.
        if self.with_own(self.word.load(Relaxed)).is_waiting()
            && !cfg!(zeropool_broken = "owner_post_untold")
        {
            self.owner.unpark();
        }
    }

    /// Another thread than the owner has claimed a task in order to run it.
    pub(crate) fn begun(&self) {
        // Ordering: Relaxed; a count for the owner's decision whether to work or to sleep.
        self.word.fetch_add(ACTIVE, Relaxed);
    }

    /// A task has ended, and everything of it is dropped.
    ///
    /// # Safety
    /// 1. `this` is live up to this call; it is, as long as the task counts as pending.
    /// 2. The caller touches neither the scope nor anything of `'scope` after this call, except for calling
    ///    [`ScopeCounts::left`] if the task was [begun](ScopeCounts::begun).
    pub(crate) unsafe fn ended(this: *const Self) {
        // SAFETY: 1 and 2 are the caller's.
        unsafe { Self::subtract(this, PENDING) };
    }

    /// A thread that has run a task of the scope is not about to run another one.
    ///
    /// # Safety
    /// 1. The caller has begun a task and not called this for it; the scope is live because it counts the caller.
    /// 2. The caller touches neither the scope nor anything of `'scope` after this call.
    pub(crate) unsafe fn left(this: *const Self) {
        // SAFETY: 1 and 2 are the caller's.
        unsafe { Self::subtract(this, ACTIVE) };
    }

    /// # Safety
    /// 1. `this` is live up to this call: it has counted the caller in `change`.
    /// 2. The caller touches it afterwards only if it counts the caller otherwise.
    unsafe fn subtract(this: *const Self, change: u64) {
        // SAFETY: by obligation 1 the scope is live until the decrement below.
        let word = unsafe { &raw const (*this).word };
        // SAFETY: as above; a copy.
        let owner = unsafe { (*this).owner };
        // SAFETY: as above; the reference ends with the operation.
        // Ordering: Release publishes what the task did to the owner's Acquire in `load`; Acquire so that
        // the last decrement carries what all others published.
        let before = unsafe { &*word }.fetch_sub(change, AcqRel);
        // The scope may be gone now; `owner` was copied out and lives for ever.
        let after = Counts {
            word: before.wrapping_sub(change),
            own: 0,
        };
        if after.is_waiting() && after.active() == 0 {
            owner.unpark();
        }
    }

    /// The owner is about to sleep; returns the counts that this announcement saw.
    pub(crate) fn announce_wait(&self) -> Counts {
        // Ordering: Acquire pairs with the Release half of the decrement in `subtract`.
        self.with_own(self.word.fetch_or(WAITING, AcqRel))
    }

    /// The owner is awake again.
    pub(crate) fn withdraw_wait(&self) {
        // Ordering: Relaxed; a waker that still sees the flag wakes in vain.
        self.word.fetch_and(!WAITING, Relaxed);
    }
}

#[cfg(test)]
mod tests;
