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
    AtomicUsize, Mutex, MutexGuard,
    Ordering::{Relaxed, SeqCst},
    Parker, fence, process,
};
use std::collections::VecDeque;
use std::sync::{PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// The line, and what its lock guards beside it.
#[derive(Debug)]
pub(super) struct Waiters<T> {
    /// How many stand in line.
    waiting: AtomicUsize,
    state: Mutex<State<T>>,
    /// In another one, the child of a fork, the lock may be held by a thread that is not there.
    process: u64,
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

impl<T> Waiters<T> {
    pub(super) fn new(inner: T) -> Self {
        Self {
            waiting: AtomicUsize::new(0),
            state: Mutex::new(State {
                line: VecDeque::new(),
                next_ticket: 0,
                inner,
            }),
            process: process::current(),
        }
    }

    /// The process that the pool was made in.
    pub(super) fn process(&self) -> u64 {
        self.process
    }

    /// The lock. None in the child of a fork if some thread held it then.
    pub(super) fn lock(&self) -> Option<MutexGuard<'_, State<T>>> {
        if process::is(self.process) {
            return Some(self.state.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.try_lock()
    }

    /// The lock, if nobody has it.
    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, State<T>>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// A guess: does anybody wait?
    #[inline]
    pub(super) fn any(&self) -> bool {
        // Ordering: Relaxed; a guess.
        self.waiting.load(Relaxed) != 0
    }

    /// Memory was put where an attempt finds it: wakes the first in line, if there is a line.
    pub(super) fn freed(&self) {
        if !cfg!(zeropool_broken = "waiters_freed_fence") {
            // Ordering: SeqCst; one half of the race above.
            fence(SeqCst);
        }
        // Ordering: Relaxed; the fence.
        if self.waiting.load(Relaxed) != 0
            && let Some(state) = self.lock()
        {
            state.wake_first();
        }
    }

    /// Stands in line until `attempt`, called with the lock held by whoever is first, is done, or `deadline` has come: then
    /// `None`. `Err` if the lock cannot be had.
    pub(super) fn wait<R>(
        &self,
        parker: &'static Parker,
        deadline: Option<Instant>,
        mut attempt: impl FnMut(&mut T) -> Attempt<R>,
    ) -> Result<Option<R>, Unavailable> {
        let mut state = self.lock().ok_or(Unavailable)?;
        let ticket = state.enter(parker);
        // Ordering: Relaxed; the fence follows.
        self.waiting.fetch_add(1, Relaxed);
        if !cfg!(zeropool_broken = "waiters_wait_fence") {
            // Ordering: SeqCst; one half of the race above.
            fence(SeqCst);
        }
        let outcome = loop {
            let mut pause = None;
            if state.is_first(ticket) {
                match attempt(&mut state.inner) {
                    Attempt::Done(result) => break Some(result),
                    Attempt::Nothing => {}
                    Attempt::Again => pause = Some(SOON),
                }
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                break None;
            }
            drop(state);
            match left.into_iter().chain(pause).min() {
                None => parker.park(),
                Some(limit) => parker.park_timeout(limit),
            }
            state = self.lock().ok_or(Unavailable)?;
        };
        state.leave(ticket);
        // Ordering: Relaxed; under the lock.
        self.waiting.fetch_sub(1, Relaxed);
        if !cfg!(zeropool_broken = "waiters_keep_wake") {
            state.wake_first();
        }
        Ok(outcome)
    }
}

/// The lock belongs to a thread that this process, the child of a fork, does not have.
#[derive(Debug)]
pub(super) struct Unavailable;

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
