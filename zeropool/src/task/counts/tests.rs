//! The counts of a scope, by its owner and by others.
#![allow(unsafe_code)] // The models call the decrements that tasks call.

use super::*;
use crate::sync::{UnsafeCell, model, test_parker, thread};
use std::sync::Arc;

/// A plain cell that the counts protect.
struct Plain(UnsafeCell<u32>);

// SAFETY: the tests touch it only when the counts say so; loom and Miri check that this is enough.
unsafe impl Sync for Plain {}
// SAFETY: as above.
unsafe impl Send for Plain {}

/// Each part may go below zero; the sum says how many there are.
#[test]
fn tasks_spawned_by_one_and_ended_by_the_other() {
    model(|| {
        let parker = test_parker();
        let counts = ScopeCounts::new(parker);
        counts.spawned_by_owner();
        counts.begun();
        assert_eq!((counts.load().pending(), counts.load().active()), (1, 1));
        // A task of the scope spawns another one on its thread, and ends; the owner runs the second.
        counts.spawned();
        assert_eq!(counts.load().pending(), 2);
        // SAFETY: 1. the counts live; 2. nothing of it matters here.
        unsafe { ScopeCounts::ended(&raw const counts) };
        assert_eq!((counts.load().pending(), counts.load().active()), (1, 1));
        assert!(!counts.load().is_over());
        // SAFETY: as above; begun once.
        unsafe { ScopeCounts::left(&raw const counts) };
        counts.ended_by_owner();
        assert!(counts.load().is_over());
        // Below zero on either side.
        counts.spawned();
        counts.ended_by_owner();
        assert!(counts.load().is_over());
        counts.spawned_by_owner();
        assert_eq!((counts.load().pending(), counts.load().active()), (1, 0));
        // SAFETY: as above.
        unsafe { ScopeCounts::ended(&raw const counts) };
        assert!(counts.load().is_over());
    });
}

/// The owner spawns one task and ends it or another, a thief ends the other one, having spawned a third: when the owner
/// finds the scope over, everything the thief did is visible (broken variant: `counts_load_relaxed`).
#[test]
fn model_counts_over_means_visible() {
    model(|| {
        let parker = test_parker();
        let counts = Arc::new(ScopeCounts::new(parker));
        let plain = Arc::new(Plain(UnsafeCell::new(0)));
        counts.spawned_by_owner();
        counts.spawned_by_owner();
        let thief = {
            let (counts, plain) = (Arc::clone(&counts), Arc::clone(&plain));
            thread::spawn(move || {
                counts.begun();
                // SAFETY: the task is pending, so the owner does not look yet.
                plain.0.with_mut(|cell| unsafe { cell.write(7) });
                // SAFETY: 1. the `Arc` keeps the counts; 2. only `left` follows.
                unsafe { ScopeCounts::ended(&raw const *counts) };
                // SAFETY: 1. begun above; 2. nothing follows.
                unsafe { ScopeCounts::left(&raw const *counts) };
            })
        };
        counts.ended_by_owner();
        if counts.load().is_over() {
            // SAFETY: the scope is over: the thief has ended.
            let seen = plain.0.with(|cell| unsafe { cell.read() });
            assert_eq!(seen, 7);
        }
        thief.join().unwrap();
        assert!(counts.load().is_over());
    });
}
