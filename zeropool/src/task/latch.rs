#![allow(unsafe_code)] // Fences: completing a latch whose waiter may free it at once.
//! One completion, one waiter: what a join waits for, and the handle of a task.
//!
//! ```text
//!  null (pending) ──register──▶ the waiter's parker, or waker ──(complete)──▶ DONE
//!     ▲                                │
//!     └───────────withdraw─────────────┘        null ──(complete)──▶ DONE
//! ```
//!
//! State and waiter are one word, so that one swap both completes the latch and says whom to wake. The waiter's
//! frame may be gone the moment `DONE` is visible: completion works on a raw pointer and touches nothing
//! of the latch after that swap; the parker it wakes lives for ever. A waker belongs to whoever takes it out of the word
//! (`waker.rs`).
//!
//! The latch also names the *execution* that works on it, so that a waiter can find the forks made below it
//! (see `runtime/worker.rs`).

use super::waker::StoredWaker;
use crate::sync::{
    AtomicBool, AtomicPtr, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
    Parker,
};
use std::ptr::{self, NonNull};

/// No parker has this address.
const DONE: *mut Parker = ptr::without_provenance_mut(1);

/// Set in the address of a stored waker. Parkers and wakers are aligned to 4 bytes at least.
const WAKER: usize = 2;
const _: () =
    assert!(align_of::<Parker>() > WAKER + 1 && align_of::<super::waker::Place>() > WAKER + 1);

fn is_waker(waiter: *mut Parker) -> bool {
    waiter.addr() & WAKER != 0
}

/// A one-shot completion with room for one sleeping waiter, a thread or a waker.
#[derive(Debug)]
pub(crate) struct Latch {
    /// Null while pending with nobody asleep; [`DONE`]; the parker of the waiter that sleeps or is about to; or, marked with
    /// [`WAKER`], a [`StoredWaker`] that the word owns. Only pointers to leaked, never freed parkers are stored.
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
        // Ordering: Acquire pairs with the Release half of the swap in `complete_awaited`.
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
        // Ordering: Release publishes the parker's construction to the swap in `complete_awaited` and the load in
        // `nudge`; Acquire on failure pairs with that swap's Release half: the caller will read the result.
        self.word
            .compare_exchange(ptr::null_mut(), waiter, Release, Acquire)
            .is_ok()
    }

    /// Takes the announcement back: the waiter leaves, or has woken up. False: it is complete.
    pub(crate) fn withdraw(&self, parker: &'static Parker) -> bool {
        let waiter = ptr::from_ref(parker).cast_mut();
        // Ordering: Acquire on failure pairs with the Release half of the swap in `complete_awaited`. Nothing is
        // published by leaving.
        self.word
            .compare_exchange(waiter, ptr::null_mut(), Relaxed, Acquire)
            .is_ok()
    }

    /// Puts a waker where completion finds it. It comes back if the work is complete already; the caller will then read the
    /// result.
    ///
    /// One waiter at a time, as for [`Latch::register`]: no other waker is registered, no parker either.
    pub(crate) fn register_waker(&self, waker: StoredWaker) -> Result<(), StoredWaker> {
        let raw = waker.into_raw();
        let waiter = raw
            .as_ptr()
            .cast::<Parker>()
            .map_addr(|address| address | WAKER);
        #[cfg(zeropool_broken = "latch_waker_by_store")]
        {
            // Broken on purpose: overwrites a completion that nobody has seen yet.
            self.word.swap(waiter, AcqRel);
            return Ok(());
        }
        // Ordering: Release publishes the stored waker to the swap in `complete_awaited`; Acquire on failure pairs with that swap's
        // Release half.
        #[cfg(not(zeropool_broken = "latch_waker_relaxed"))]
        let registered = self
            .word
            .compare_exchange(ptr::null_mut(), waiter, Release, Acquire);
        #[cfg(zeropool_broken = "latch_waker_relaxed")]
        let registered = self
            .word
            .compare_exchange(ptr::null_mut(), waiter, Relaxed, Acquire);
        // SAFETY: 1. from `into_raw` above; it did not get into the word.
        registered
            .map(drop)
            .map_err(|_| unsafe { StoredWaker::from_raw(raw) })
    }

    /// Takes the registered waker back, by the one who registered it. `None`: there is none, or completion has taken it.
    pub(crate) fn withdraw_waker(&self) -> Option<StoredWaker> {
        // Ordering: Relaxed; the caller registered it, or received the handle from whoever did.
        let waiter = self.word.load(Relaxed);
        if !is_waker(waiter) {
            return None;
        }
        // Ordering: Relaxed; nothing is published by leaving, and on failure, that is completion, the caller looks again.
        #[cfg(not(zeropool_broken = "latch_waker_taken_twice"))]
        self.word
            .compare_exchange(waiter, ptr::null_mut(), Relaxed, Relaxed)
            .ok()?;
        // SAFETY: the exchange took it out of the word, which owned it.
        unsafe { waker_of(waiter) }
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

    /// Marks the work complete and wakes the waiter if it sleeps; for a latch at which no waker is ever registered.
    ///
    /// # Safety
    /// As for [`Latch::complete_awaited`].
    #[inline]
    pub(crate) unsafe fn complete(this: *const Self) {
        // SAFETY: 1 and 2 are the caller's.
        let waker = unsafe { Self::complete_awaited(this) };
        debug_assert!(waker.is_none(), "a waker at the latch of a join");
    }

    /// Marks the work complete and wakes the waiter if it is a thread that sleeps. A waker comes back, for the caller to wake once
    /// it holds nothing.
    ///
    /// # Safety
    /// 1. `this` points to a live latch up to this call.
    /// 2. The caller does not touch the latch, or what its waiter owns, after this call: the waiter may
    ///    have freed it before the call returns.
    #[inline]
    #[must_use = "whoever registered the waker is waiting for it"]
    pub(crate) unsafe fn complete_awaited(this: *const Self) -> Option<StoredWaker> {
        // SAFETY: by obligation 1 the latch is live until the swap makes `DONE` visible.
        let word = unsafe { &(*this).word };
        // Ordering: Release publishes the result to `is_done`, `register` and `withdraw`; Acquire pairs with
        // `register`, for the parker.
        let waiter = word.swap(DONE, AcqRel);
        #[cfg(zeropool_broken = "latch_late_read")]
        // Broken on purpose: looks at the latch after the waiter may have freed it.
        std::hint::black_box(word.load(Relaxed));
        if waiter.is_null() {
            return None;
        }
        Self::wake(waiter);
        // SAFETY: the swap took it out of the word, which owned it.
        unsafe { waker_of(waiter) }
    }

    fn wake(waiter: *mut Parker) {
        if waiter == DONE || is_waker(waiter) {
            return;
        }
        // SAFETY: by the invariant of `word` it is null or points to a parker that is never freed.
        if let Some(parker) = unsafe { waiter.as_ref() } {
            parker.unpark();
        }
    }
}

/// The waker behind what was the word of a latch, if it is one.
///
/// # Safety
/// 1. An exchange has just taken `waiter` out of the word.
unsafe fn waker_of(waiter: *mut Parker) -> Option<StoredWaker> {
    if !is_waker(waiter) {
        return None;
    }
    let raw = NonNull::new(waiter.map_addr(|address| address & !WAKER).cast())?;
    // SAFETY: 1. put in by `register_waker`, and by 1 taken out once.
    Some(unsafe { StoredWaker::from_raw(raw) })
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
