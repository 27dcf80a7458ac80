use super::*;
use crate::sync::{UnsafeCell, model, thread};
use std::sync::Arc;

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
        let value = Arc::new(UnsafeCell::new(0_u32));
        let executor = {
            let (state, value) = (state.clone(), value.clone());
            thread::spawn(move || {
                // SAFETY: only the claimer writes before `settle`.
                value.with_mut(|value| unsafe { *value = 1 });
                state.settle(Outcome::Value) == Settled::CallerDrops
            })
        };
        let handle_drops = state.drop_handle().is_some();
        if handle_drops {
            // SAFETY: the outcome is ours now.
            value.with_mut(|value| unsafe { *value += 1 });
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
        let block = Arc::new(UnsafeCell::new(0_u32));
        let other = {
            let (state, block) = (state.clone(), block.clone());
            thread::spawn(move || {
                // SAFETY: this thread's turn: it has claimed the task.
                if state.try_claim() {
                    block.with_mut(|block| unsafe { *block = 1 });
                }
                if state.release() {
                    // SAFETY: the last reference owns the block.
                    block.with_mut(|block| unsafe { *block = 2 });
                }
            })
        };
        if state.release() {
            // SAFETY: the last reference owns the block.
            block.with_mut(|block| unsafe { *block = 3 });
        }
        other.join().unwrap();
    });
}
