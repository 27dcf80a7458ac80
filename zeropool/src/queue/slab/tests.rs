//! The slab on real threads and under Miri.

use super::*;
use crate::sync::{AtomicBool, thread};
use std::collections::HashSet;

struct Flags(Box<[AtomicBool]>);

impl Storage for Flags {
    type Shape = ();

    fn with_capacity((): (), n: usize) -> Self {
        Self((0..n).map(|_| AtomicBool::new(false)).collect())
    }
}

impl Slab<Flags> {
    fn set(&self, index: u32, held: bool) {
        let (chunk, offset) = self.locate(index);
        assert_ne!(chunk.0[offset].swap(held, Relaxed), held, "two holders");
    }
}

#[test]
fn every_index_has_one_holder_at_a_time() {
    let rounds = if cfg!(miri) { 30 } else { 20_000 };
    let slab = Slab::<Flags>::new();
    thread::scope(|s| {
        for thread in 0..4_usize {
            let slab = &slab;
            s.spawn(move || {
                let mut held = Vec::new();
                for round in 0..rounds {
                    for _ in 0..(round + thread) % 7 {
                        let index = slab.acquire();
                        slab.set(index, true);
                        held.push(index);
                    }
                    // Newest and oldest in turn, so that the free list changes its order.
                    let kept = (round * 3 + thread) % 5;
                    while held.len() > kept {
                        let index = held.swap_remove(round % 2 * (held.len() - 1));
                        slab.set(index, false);
                        slab.release(index);
                    }
                }
            });
        }
    });
    assert!(
        slab.high_water() <= 4 * 11,
        "released indices come back first"
    );
}

#[test]
fn indices_are_dense_and_elements_distinct() {
    let slab = Slab::<Flags>::new();
    let indices: Vec<_> = (0..1000).map(|_| slab.acquire()).collect();
    assert!(indices.iter().copied().eq(0..1000));
    let places: HashSet<_> = indices
        .iter()
        .map(|&index| {
            let (chunk, offset) = slab.locate(index);
            ptr::from_ref(&chunk.0[offset])
        })
        .collect();
    assert_eq!(places.len(), 1000);
}

#[test]
fn place_of_the_first_and_the_last_of_a_chunk() {
    let slab = Slab::<Flags>::with_shape(4, ());
    assert_eq!(slab.place(0), (0, 0));
    assert_eq!(slab.place(3), (0, 3));
    assert_eq!(slab.place(4), (1, 0));
    assert_eq!(slab.place(11), (1, 7));
    assert_eq!(slab.place(12), (2, 0));
    assert_eq!(slab.place(u32::MAX - 4), (29, (1 << 31) - 1));
    let slab = Slab::<Flags>::with_shape(1, ());
    assert_eq!(slab.place(0), (0, 0));
    assert_eq!(slab.place(1), (1, 0));
    assert_eq!(slab.place(u32::MAX - 1), (31, (1 << 31) - 1));
}

#[test]
#[should_panic(expected = "never handed out")]
fn unknown_index_is_refused() {
    Slab::<Flags>::new().locate(7);
}

/// As in the child of a fork, if another thread was just making the chunk.
#[test]
fn an_index_whose_chunk_is_not_there_has_no_element() {
    let slab = Slab::<Flags>::with_shape(4, ());
    assert!(slab.get(0).is_none());
    let first = slab.acquire();
    assert!(slab.get(first).is_some());
    slab.fresh.store(5, Relaxed);
    assert_eq!(slab.high_water(), 5);
    assert!(slab.get(4).is_none());
}
