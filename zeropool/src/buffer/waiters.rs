#![allow(unsafe_code)] // Fences: which line and lock is this process's.
//! Those who wait for memory, first come, first served; and the lock under which memory is made, swept up and given back.
//!
//! Nothing is handed over: when memory becomes free, the first in line is woken and tries again, and nobody else may try
//! meanwhile. Whoever leaves the line wakes the next.
//!
//! | a waiter | who frees memory |
//! |---|---|
//! | 1. enters the line: `waiting += 1` | 1. puts the memory where an attempt finds it |
//! | 2. `fence(SeqCst)` | 2. `fence(SeqCst)` |
//! | 3. tries; unlocks; sleeps if it found nothing | 3. if `waiting` is not 0: locks, wakes the first in line |
//!
//! Whoever's fence comes second sees the other's first step. The lock keeps a wake-up from falling between attempt and sleep; the
//! parker's token keeps one from falling between unlocking and sleeping.

use crate::sync::{
    AtomicPtr, AtomicUsize, Mutex, MutexGuard,
    Ordering::{AcqRel, Acquire, Relaxed, SeqCst},
    Parker, fence, process,
};
use std::collections::VecDeque;
use std::mem;
use std::ptr;
use std::sync::{PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// The line, and what its lock guards beside it.
#[derive(Debug)]
pub(super) struct Waiters<T> {
    /// Those of this process, or of the one it was forked from. From `Box::into_raw`; never null.
    ours: AtomicPtr<Ours<T>>,
}

/// A line whose waiters are threads of one process. The child of a fork has none of them, and its copy of the lock may be held by a
/// thread that is not there, with things half done behind it. So the child begins anew, and leaves the old ones as they are.
#[derive(Debug)]
struct Ours<T> {
    process: u64,
    /// How many stand in line.
    waiting: AtomicUsize,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
pub(super) struct State<T> {
    line: VecDeque<(u64, &'static Parker)>,
    next_ticket: u64,
    pub(super) inner: T,
}

/// What came of an attempt.
pub(super) enum Attempt<R> {
    Done(R),
    /// There is nothing; somebody's `freed` will be heard.
    Nothing,
    /// There may be something that could not be reached now.
    Again,
}

/// How soon to try again after `Attempt::Again`.
const SOON: Duration = Duration::from_millis(1);

impl<T> Ours<T> {
    fn new(inner: T) -> *mut Self {
        Box::into_raw(Box::new(Self {
            process: process::current(),
            waiting: AtomicUsize::new(0),
            state: Mutex::new(State {
                line: VecDeque::new(),
                next_ticket: 0,
                inner,
            }),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the lock guards.
pub(super) trait Guarded {
    /// What it is made from.
    type Plan: ?Sized;

    fn new(plan: &Self::Plan) -> Self;

    /// For the child of a fork, where things may already be in use.
    fn anew(plan: &Self::Plan) -> Self;
}

impl<T: Guarded> Waiters<T> {
    pub(super) fn new(plan: &T::Plan) -> Self {
        Self {
            ours: AtomicPtr::new(Ours::new(T::new(plan))),
        }
    }

    fn ours(&self, plan: &T::Plan) -> &Ours<T> {
        // Ordering: Acquire pairs with the Release in `begin_anew`.
        let ours = self.ours.load(Acquire);
        // SAFETY: by the invariant of `ours` it is from a `Box`, which is never freed before `self`.
        let ours = unsafe { &*ours };
        if process::is(ours.process) {
            return ours;
        }
        self.begin_anew(ours, plan)
    }

    /// The first in the child of a fork.
    #[cold]
    fn begin_anew(&self, parents: &Ours<T>, plan: &T::Plan) -> &Ours<T> {
        let new = Ours::new(T::anew(plan));
        let parents = ptr::from_ref(parents).cast_mut();
        // Ordering: Release publishes the new ones, Acquire takes over those of a thread that was faster.
        let ours = match self.ours.compare_exchange(parents, new, AcqRel, Acquire) {
            Ok(_) => new,
            Err(others) => {
                // SAFETY: made above, and not published.
                drop(unsafe { Box::from_raw(new) });
                others
            }
        };
        // SAFETY: as in `ours`.
        unsafe { &*ours }
    }

    /// The lock.
    pub(super) fn lock(&self, plan: &T::Plan) -> MutexGuard<'_, State<T>> {
        self.ours(plan).lock()
    }

    /// The lock, if nobody has it.
    pub(super) fn try_lock(&self, plan: &T::Plan) -> Option<MutexGuard<'_, State<T>>> {
        match self.ours(plan).state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// A guess: does anybody wait?
    #[inline]
    pub(super) fn any(&self, plan: &T::Plan) -> bool {
        // Ordering: Relaxed; a guess.
        self.ours(plan).waiting.load(Relaxed) != 0
    }

    /// Memory was put where an attempt finds it: wakes the first in line, if there is a line.
    pub(super) fn freed(&self, plan: &T::Plan) {
        if !cfg!(zeropool_broken = "waiters_freed_fence") {
            // Ordering: SeqCst; one half of the race above.
            fence(SeqCst);
        }
        let ours = self.ours(plan);
        // Ordering: Relaxed; the fence.
        if ours.waiting.load(Relaxed) != 0 {
            ours.lock().wake_first();
        }
    }

    /// Stands in line until `attempt`, called with the lock held by whoever is first, is done, or `deadline` has come: then
    /// `None`. `entered` is called once, with the lock held.
    pub(super) fn wait<R>(
        &self,
        plan: &T::Plan,
        parker: &'static Parker,
        deadline: Option<Instant>,
        entered: impl FnOnce(),
        mut attempt: impl FnMut(&mut T) -> Attempt<R>,
    ) -> Option<R> {
        let ours = self.ours(plan);
        // Declared before the lock, so that the lock is released before the place is given up.
        let place;
        let mut state = ours.lock();
        place = Place {
            ours,
            ticket: state.enter(parker),
        };
        entered();
        // Ordering: Relaxed; the fence follows.
        ours.waiting.fetch_add(1, Relaxed);
        if !cfg!(zeropool_broken = "waiters_wait_fence") {
            // Ordering: SeqCst; one half of the race above.
            fence(SeqCst);
        }
        loop {
            let mut pause = None;
            if state.is_first(place.ticket) {
                match attempt(&mut state.inner) {
                    Attempt::Done(result) => return Some(result),
                    Attempt::Nothing => {}
                    Attempt::Again => pause = Some(SOON),
                }
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return None;
            }
            drop(state);
            match left.into_iter().chain(pause).min() {
                None => parker.park(),
                Some(limit) => parker.park_timeout(limit),
            }
            state = ours.lock();
        }
    }
}

/// A waiter's place in line. Whoever leaves the line, be it by a panic, wakes the next.
struct Place<'a, T> {
    ours: &'a Ours<T>,
    ticket: u64,
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        let mut state = self.ours.lock();
        state.leave(self.ticket);
        // Ordering: Relaxed; under the lock.
        self.ours.waiting.fetch_sub(1, Relaxed);
        if !cfg!(zeropool_broken = "waiters_keep_wake") {
            state.wake_first();
        }
    }
}

impl<T> Drop for Waiters<T> {
    fn drop(&mut self) {
        // Ordering: Relaxed; `&mut self` says that all other accesses came before.
        let ours = self.ours.load(Relaxed);
        // SAFETY: by the invariant of `ours`, and nobody uses it any more.
        let ours = unsafe { Box::from_raw(ours) };
        if !process::is(ours.process) {
            // The parent's, perhaps half changed.
            mem::forget(ours);
        }
    }
}

impl<T> State<T> {
    pub(super) fn is_line_empty(&self) -> bool {
        self.line.is_empty()
    }

    fn enter(&mut self, parker: &'static Parker) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.line.push_back((ticket, parker));
        ticket
    }

    fn is_first(&self, ticket: u64) -> bool {
        self.line.front().is_some_and(|&(first, _)| first == ticket)
    }

    fn leave(&mut self, ticket: u64) {
        self.line.retain(|&(waiting, _)| waiting != ticket);
    }

    fn wake_first(&self) {
        if let Some((_, parker)) = self.line.front() {
            parker.unpark();
        }
    }
}

#[cfg(test)]
mod model;
