#![allow(unsafe_code)] // The models write a plain cell under the protection of the word they check.

use super::*;
use crate::sync::{UnsafeCell, model, thread};
use std::sync::Arc;

/// A plain cell that the word under test protects.
struct Plain(UnsafeCell<u32>);

// SAFETY: the tests touch it only when the word says so; loom and Miri check that this is enough.
unsafe impl Sync for Plain {}

impl Plain {
    fn new() -> Arc<Self> {
        Arc::new(Self(UnsafeCell::new(0)))
    }

    /// Only for the one whom the word gives the cell to.
    fn set(&self, value: u32) {
        // SAFETY: the caller is the only one to touch it.
        self.0.with_mut(|cell| unsafe { cell.write(value) });
    }
}

/// Two claimers, one wins.
#[test]
fn model_state_claimed_once() {
    model(|| {
        let state = Arc::new(State::new(2));
        let other = Arc::clone(&state);
        let rival = thread::spawn(move || other.try_claim());
        let mine = state.try_claim();
        assert!(mine ^ rival.join().unwrap());
    });
}

/// The value is dropped by exactly one side, whichever comes last: the executor that settles or the handle
/// that leaves.
#[test]
fn model_state_outcome_has_one_owner() {
    model(|| {
        let state = Arc::new(State::new(2));
        let value = Plain::new();
        let executor = {
            let (state, value) = (state.clone(), value.clone());
            thread::spawn(move || {
                value.set(1);
                state.settle(Outcome::Value) == Settled::CallerDrops
            })
        };
        let handle_drops = state.drop_handle().is_some();
        if handle_drops {
            value.set(1);
        }
        let executor_drops = executor.join().unwrap();
        assert!(handle_drops ^ executor_drops);
    });
}

/// Everything done under one reference comes before the last release (broken variant: `state_no_acquire`).
#[test]
fn model_state_last_release_sees_all() {
    model(|| {
        let state = Arc::new(State::new(2));
        let block = Plain::new();
        let other = {
            let (state, block) = (state.clone(), block.clone());
            thread::spawn(move || {
                if state.try_claim() {
                    block.set(1);
                }
                if state.release() {
                    block.set(2);
                }
            })
        };
        if state.release() {
            block.set(3);
        }
        other.join().unwrap();
    });
}

/// Executor and handle divide the outcome and the block between them, whichever comes first (broken variant:
/// `state_leave_blind`).
#[test]
fn model_state_leaving_handle_divides_with_executor() {
    model(|| {
        let state = Arc::new(State::new(2));
        let (value, block) = (Plain::new(), Plain::new());
        let executor = {
            let (state, value, block) = (state.clone(), value.clone(), block.clone());
            thread::spawn(move || {
                let (mut drops, mut frees) = (0, 0);
                if state.is_sole() {
                    value.set(1);
                    drops += 1;
                } else if state.try_claim() {
                    value.set(1);
                    if state.settle(Outcome::Value) == Settled::CallerDrops {
                        value.set(2);
                        drops += 1;
                    }
                }
                if state.release() {
                    block.set(1);
                    frees += 1;
                }
                (drops, frees)
            })
        };
        let (mut drops, mut frees) = (0, 0);
        match state.leave() {
            Left::Unended(false) => {}
            Left::Unended(true) => {
                block.set(2);
                frees += 1;
            }
            Left::Ended(outcome) => {
                assert_eq!(outcome, Outcome::Value);
                value.set(3);
                drops += 1;
                if state.release() {
                    block.set(3);
                    frees += 1;
                }
            }
        }
        let others = executor.join().unwrap();
        assert_eq!((drops + others.0, frees + others.1), (1, 1));
    });
}

/// Whoever finds its reference to be the only one sees all that the handle did (broken variant: `state_sole_relaxed`).
#[test]
fn model_state_sole_sees_all() {
    model(|| {
        let state = Arc::new(State::new_at_home(2));
        let block = Plain::new();
        let executor = {
            let (state, block) = (state.clone(), block.clone());
            thread::spawn(move || {
                if state.is_sole() {
                    block.set(2);
                }
            })
        };
        block.set(1);
        assert_eq!(state.leave(), Left::Unended(false));
        executor.join().unwrap();
        assert!(state.is_sole() && state.is_at_home());
        assert!(state.release());
    });
}

#[test]
fn only_the_last_unclaimed_entry_is_sole() {
    model(|| {
        let state = State::new(2);
        assert!(!state.is_sole());
        assert!(!state.is_at_home());
        state.ask_cancel();
        assert_eq!(state.leave(), Left::Unended(false));
        assert!(state.is_sole());
        state.add_reference();
        assert!(!state.is_sole());
        assert!(!state.release());
        assert!(state.is_sole());
        assert!(state.try_claim());
        assert!(!state.is_sole());
        // A handle whose entry is gone has the only reference, but may still take the result.
        let state = State::new(2);
        assert!(!state.release());
        assert!(!state.is_sole());
    });
}
