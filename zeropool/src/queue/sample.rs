//! Numbered items for the tests of this folder.

use super::Item;
use crate::sync::{model_bounded, thread};
use std::ptr;

impl Item {
    /// An item that says `n` in both words.
    pub(super) fn sample(n: u64) -> Self {
        Self {
            ptr: ptr::without_provenance_mut(n as usize),
            tag: n,
        }
    }

    /// The number of a sample; fails if its words are of two different items.
    pub(super) fn number(self) -> u64 {
        assert_eq!(
            self.ptr.addr() as u64,
            self.tag,
            "two halves of different items"
        );
        self.tag
    }
}

/// A pointer that says `n`, for the queues that carry no more.
pub(super) fn sample(n: u64) -> *mut () {
    ptr::without_provenance_mut(2 * n as usize)
}

/// What a sample says.
pub(super) fn number_of(sample: *mut ()) -> u64 {
    sample.addr() as u64 / 2
}

/// Fails unless the parts together are `1..=count`, each once.
pub(super) fn assert_each_once(count: u64, parts: &[&[u64]]) {
    let mut all = parts.concat();
    all.sort_unstable();
    assert!(all.iter().copied().eq(1..=count), "not each once: {all:?}");
}

/// Runs two halves at the same time, in the engine of this build, and hands what they return to a third.
///
/// Everything is done twice, with the halves in exchanged roles. loom 0.7 keeps only the last access to an
/// atomic: the load with which a thread begins a compare-exchange loop hides an earlier load by the other
/// thread, and that the exchange could have come before that one is then not tried. Which orders this leaves
/// out depends on who runs first; between the two roles both are found.
pub(super) fn race<S, L, R, C, A, B>(scenario: S)
where
    S: Fn() -> (L, R, C) + Copy + Send + Sync + 'static,
    L: FnOnce() -> A + Send + 'static,
    R: FnOnce() -> B + Send + 'static,
    C: FnOnce(A, B),
    A: Send + 'static,
    B: Send + 'static,
{
    race_bounded(3, scenario);
}

/// As [`race`], for halves with so many steps that loom gets to the end only with fewer preemptions.
pub(super) fn race_bounded<S, L, R, C, A, B>(preemptions: usize, scenario: S)
where
    S: Fn() -> (L, R, C) + Copy + Send + Sync + 'static,
    L: FnOnce() -> A + Send + 'static,
    R: FnOnce() -> B + Send + 'static,
    C: FnOnce(A, B),
    A: Send + 'static,
    B: Send + 'static,
{
    model_bounded(preemptions, move || {
        let (left, right, check) = scenario();
        let left = thread::spawn(left);
        let b = right();
        check(left.join().unwrap(), b);
    });
    model_bounded(preemptions, move || {
        let (left, right, check) = scenario();
        let right = thread::spawn(right);
        let a = left();
        check(a, right.join().unwrap());
    });
}
