#![allow(unsafe_code)] // Fences: completing a latch whose waiter may free it at once.
//! One completion, one waiter: what a join waits for, and the handle of a task.
//!
//! ```text
//!  null (pending) ──register──▶ the waiter's parker ──(complete)──▶ DONE
//!     ▲                                │
//!     └───────────withdraw─────────────┘        null ──(complete)──▶ DONE
//! ```
//!
//! State and waiter are one word, so that one swap both completes the latch and says whom to wake. The waiter's
//! frame may be gone the moment `DONE` is visible: [`Latch::complete`] works on a raw pointer and touches nothing
//! of the latch after that swap; the parker it wakes lives for ever.
//!
//! The latch also names the *execution* that works on it, so that a waiter can find the forks made below it
//! (see `runtime/worker.rs`).

use crate::sync::{
    AtomicBool, AtomicPtr, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
    Parker,
};
use std::ptr;

/// No parker has this address.
const DONE: *mut Parker = ptr::without_provenance_mut(1);

/// A one-shot completion with room for one sleeping waiter.
#[derive(Debug)]
pub(crate) struct Latch {
    /// Null while pending with nobody asleep; [`DONE`]; or the parker of the waiter that sleeps or is about to.
    /// Only pointers to leaked, never freed parkers are stored.
    word: AtomicPtr<Parker>,
    /// The sleeping waiter wants to be woken for forks made below.
    wants_forks: AtomicBool,
    /// 0 until somebody has begun the work; then the number of that execution.
    execution: AtomicU64,
}

impl Latch {
    pub(crate) fn new() -> Self {
        Self {
            word: AtomicPtr::new(ptr::null_mut()),
            wants_forks: AtomicBool::new(false),
            execution: AtomicU64::new(0),
        }
    }

    /// True once the work is complete; everything it did is then visible.
    #[inline]
    pub(crate) fn is_done(&self) -> bool {
        // Ordering: Acquire pairs with the Release half of the swap in `complete`.
        self.word.load(Acquire) == DONE
    }

    /// Names the execution that works towards this completion.
    #[inline]
    pub(crate) fn begin(&self, execution: u64) {
        // Ordering: Release pairs with the Acquire in `execution`: whoever sees the number also sees that the
        // executing slot is at work for it.
        self.execution.store(execution, Release);
    }

    /// The number given to [`Latch::begin`], or 0 before.
    #[inline]
    pub(crate) fn execution(&self) -> u64 {
        // Ordering: Acquire pairs with the Release in `begin`.
        self.execution.load(Acquire)
    }

    /// Announces that the owner of `parker` is about to sleep until completion. False: it is complete already.
    ///
    /// One waiter at a time: the owner of the join frame, or of the handle.
    #[must_use]
    pub(crate) fn register(&self, parker: &'static Parker) -> bool {
        let waiter = ptr::from_ref(parker).cast_mut();
        // Ordering: Release publishes the parker's construction to the swap in `complete` and the load in
        // `nudge`; Acquire on failure pairs with that swap's Release half: the caller will read the result.
        self.word
            .compare_exchange(ptr::null_mut(), waiter, Release, Acquire)
            .is_ok()
    }

    /// Takes the announcement back: the waiter leaves, or has woken up. False: it is complete.
    pub(crate) fn withdraw(&self, parker: &'static Parker) -> bool {
        let waiter = ptr::from_ref(parker).cast_mut();
        // Ordering: Acquire on failure pairs with the Release half of the swap in `complete`. Nothing is
        // published by leaving.
        self.word
            .compare_exchange(waiter, ptr::null_mut(), Relaxed, Acquire)
            .is_ok()
    }

    /// Whether [`Latch::nudge`] wakes the waiter; said after [`Latch::register`].
    pub(crate) fn want_forks(&self, wanted: bool) {
        // Ordering: Relaxed; ordered by the fences that `nudge` asks for.
        self.wants_forks.store(wanted, Relaxed);
    }

    /// Wakes a parked waiter that wants it without completing: there is something for it to help with.
    ///
    /// Callers issue a `SeqCst` fence between publishing that something and this call; the waiter has one
    /// between [`Latch::want_forks`] and its last look for something to help with.
    #[inline]
    pub(crate) fn nudge(&self) {
        // Ordering: Relaxed, see above; Acquire pairs with the Release of the exchange in `register`.
        if self.wants_forks.load(Relaxed) {
            Self::wake(self.word.load(Acquire));
        }
    }

    /// Is there a waiter that sleeps, or is about to, and wants forks? Callers have a `SeqCst` fence before, as for
    /// [`Latch::nudge`].
    pub(crate) fn is_wanted(&self) -> bool {
        let waiter = self.word.load(Relaxed);
        self.wants_forks.load(Relaxed) && !waiter.is_null() && waiter != DONE
    }

    /// Marks the work complete and wakes the waiter if it sleeps.
    ///
    /// # Safety
    /// 1. `this` points to a live latch up to this call.
    /// 2. The caller does not touch the latch, or what its waiter owns, after this call: the waiter may
    ///    have freed it before the call returns.
    #[inline]
    pub(crate) unsafe fn complete(this: *const Self) {
        // SAFETY: by obligation 1 the latch is live until the swap makes `DONE` visible.
        let word = unsafe { &(*this).word };
        // Ordering: Release publishes the result to `is_done`, `register` and `withdraw`; Acquire pairs with
        // `register`, for the parker.
        let waiter = word.swap(DONE, AcqRel);
        #[cfg(zeropool_broken = "latch_late_read")]
        // Broken on purpose: looks at the latch after the waiter may have freed it.
        std::hint::black_box(word.load(Relaxed));
        Self::wake(waiter);
    }

    fn wake(waiter: *mut Parker) {
        if waiter == DONE {
            return;
        }
        // SAFETY: by the invariant of `word` it is null or points to a parker that is never freed.
        if let Some(parker) = unsafe { waiter.as_ref() } {
            parker.unpark();
        }
    }
}

/// Where a thread keeps the latch of what it is executing, so that new forks can wake the one who waits for it.
#[derive(Debug)]
pub(crate) struct Executing(
    /// Null, or a latch that is not complete. Used by one thread; atomic only so that it may move with its desk.
    AtomicPtr<Latch>,
);

impl Executing {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Makes `latch` the current one and returns the former, to be given to [`Executing::restore`].
    ///
    /// # Safety
    /// 1. Until `restore`, [`Executing::nudge`] and [`Executing::is_wanted`] are called only while `latch` is not complete.
    pub(crate) unsafe fn replace(&self, latch: *const Latch) -> *const Latch {
        // Ordering: Relaxed here and below; one thread.
        let former = self.0.load(Relaxed);
        self.0.store(latch.cast_mut(), Relaxed);
        former
    }

    pub(crate) fn restore(&self, former: *const Latch) {
        self.0.store(former.cast_mut(), Relaxed);
    }

    /// Does somebody sleep on the current latch who wants forks? See [`Latch::is_wanted`].
    pub(crate) fn is_wanted(&self) -> bool {
        let latch = self.0.load(Relaxed);
        // SAFETY: null, or live: by the obligation of `replace` it is not complete.
        unsafe { latch.as_ref() }.is_some_and(Latch::is_wanted)
    }

    /// Wakes whoever sleeps on the current latch; see [`Latch::nudge`].
    #[inline]
    pub(crate) fn nudge(&self) {
        let latch = self.0.load(Relaxed);
        // SAFETY: null, or live: by the obligation of `replace` it is not complete.
        if let Some(latch) = unsafe { latch.as_ref() } {
            latch.nudge();
        }
    }
}

#[cfg(test)]
mod tests;
