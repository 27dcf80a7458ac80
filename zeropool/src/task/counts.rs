#![allow(unsafe_code)] // Fences: the last decrement of a scope's count, after which the scope may be gone.
//! The counts of one scope, and the parker of its owner.
//!
//! They lie in the frame of the scope's caller, its *owner*. One word packs everything a waiting owner decides on, so that one
//! atomic operation both changes it and tells whether the owner has to be woken:
//!
//! | bits | name | meaning |
//! |---|---|---|
//! | 0..31 | pending | tasks spawned and not ended |
//! | 32..62 | active | threads that run one of them, or have just run one and look whether there is another |
//! | 63 | `WAITING` | the owner sleeps, or is about to |

use crate::sync::{
    AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed},
    Parker,
};

const PENDING: u64 = 1;
const ACTIVE: u64 = 1 << 32;
const WAITING: u64 = 1 << 63;
const COUNT_MAX: u64 = (1 << 30) - 1;

/// A plain copy of the word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts(u64);

impl Counts {
    pub(crate) fn pending(self) -> u64 {
        self.0 & (ACTIVE - 1)
    }

    pub(crate) fn active(self) -> u64 {
        (self.0 & !WAITING) >> 32
    }

    /// No task is pending and no thread is active: the scope can end.
    pub(crate) fn is_over(self) -> bool {
        self.0 & !WAITING == 0
    }

    fn is_waiting(self) -> bool {
        self.0 & WAITING != 0
    }
}

/// The word, and whom to wake.
#[derive(Debug)]
pub(crate) struct ScopeCounts {
    word: AtomicU64,
    owner: &'static Parker,
}

impl ScopeCounts {
    /// For a scope that the owner of this parker will wait for.
    pub(crate) fn new(owner: &'static Parker) -> Self {
        Self {
            word: AtomicU64::new(0),
            owner,
        }
    }

    pub(crate) fn owner(&self) -> &'static Parker {
        self.owner
    }

    /// The counts now; with no task pending, everything the tasks did is visible.
    pub(crate) fn load(&self) -> Counts {
        // Ordering: Acquire pairs with the Release half of the decrement in `subtract`.
        Counts(self.word.load(Acquire))
    }

    /// A task is about to be made public.
    pub(crate) fn spawned(&self) {
        // Ordering: Relaxed; the task is published by the queue it goes to, and only the decrement matters to
        // the owner.
        let before = Counts(self.word.fetch_add(PENDING, Relaxed));
        if before.pending() >= COUNT_MAX {
            eprintln!("zeropool: more than {COUNT_MAX} tasks pending in one scope; aborting");
            std::process::abort();
        }
    }

    /// After the task is in its queue and in its scope's list, and a `SeqCst` fence: wakes the owner if it sleeps.
    pub(crate) fn posted(&self) {
        // Ordering: Relaxed after the caller's fence, which pairs with the one the owner issues between
        // `announce_wait` and its last look into its scope's list.
        if Counts(self.word.load(Relaxed)).is_waiting() {
            self.owner.unpark();
        }
    }

    /// Somebody has claimed a task in order to run it.
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
        let after = Counts(before - change);
        if after.is_waiting() && after.active() == 0 {
            owner.unpark();
        }
    }

    /// The owner is about to sleep; returns the counts that this announcement saw.
    pub(crate) fn announce_wait(&self) -> Counts {
        // Ordering: Acquire pairs with the Release half of the decrement in `subtract`.
        Counts(self.word.fetch_or(WAITING, AcqRel))
    }

    /// The owner is awake again.
    pub(crate) fn withdraw_wait(&self) {
        // Ordering: Relaxed; a waker that still sees the flag wakes in vain.
        self.word.fetch_and(!WAITING, Relaxed);
    }
}
