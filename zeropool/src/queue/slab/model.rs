//! The slab's races, small enough to be searched exhaustively. Each test names the broken variants it catches.

use super::super::sample::race;
use super::*;
use crate::sync::{UnsafeCell, model, thread};
use std::sync::Arc;

/// Elements that notice when two hold one of them, or when the later holder misses what the earlier one did.
struct Guarded(Box<[UnsafeCell<u32>]>);

// SAFETY: only the holder of an index accesses its cell, which is what these tests are to find out.
unsafe impl Sync for Guarded {}

impl Storage for Guarded {
    type Shape = ();

    fn with_capacity((): (), n: usize) -> Self {
        Self((0..n).map(|_| UnsafeCell::new(0)).collect())
    }
}

impl Slab<Guarded> {
    /// Counts a use of the element. loom and Miri report it as a race if the index has another holder.
    fn touch(&self, index: u32) -> u32 {
        let (chunk, offset) = self.locate(index);
        chunk.0[offset].with_mut(|uses| {
            // SAFETY: the caller holds `index`.
            let uses = unsafe { &mut *uses };
            *uses += 1;
            *uses
        })
    }

    /// Acquires, touches and releases.
    fn recycle(&self) {
        let index = self.acquire();
        self.touch(index);
        self.release(index);
    }

    /// How often elements were touched; for when no index is held.
    fn uses(&self) -> u32 {
        (0..self.high_water())
            .map(|_| self.touch(self.acquire()) - 1)
            .sum()
    }
}

/// A slab whose free list is `0, 1`.
fn slab_with_two() -> Arc<Slab<Guarded>> {
    let slab = Arc::new(Slab::new());
    let (a, b) = (slab.acquire(), slab.acquire());
    slab.release(b);
    slab.release(a);
    slab
}

/// Catches `slab_untagged`: one thread pops two and gives the first back while the other is about to pop it.
#[test]
fn no_index_has_two_holders() {
    race(|| {
        let slab = slab_with_two();
        let other = Arc::clone(&slab);
        (
            move || {
                let (a, b) = (other.acquire(), other.acquire());
                other.touch(b);
                other.release(a);
                b
            },
            move || {
                let mine = [slab.acquire(), slab.acquire()];
                for index in mine {
                    slab.touch(index);
                }
                mine
            },
            |theirs, mine: [u32; 2]| {
                assert_ne!(mine[0], mine[1]);
                assert!(!mine.contains(&theirs), "two holders");
            },
        )
    });
}

/// Catches `slab_release_relaxed`: the next holder must see what the last one did.
#[test]
fn release_hands_the_element_over() {
    race(|| {
        let slab = slab_with_two();
        let (left, right) = (Arc::clone(&slab), Arc::clone(&slab));
        (
            move || left.recycle(),
            move || right.recycle(),
            move |(), ()| assert_eq!(slab.uses(), 2),
        )
    });
}

/// Catches `slab_install_by_store`: two threads need the first chunk at once, and both keep their element.
#[test]
fn chunk_is_installed_once() {
    race(|| {
        let slab = Arc::new(Slab::<Guarded>::new());
        let use_one = |slab: Arc<Slab<Guarded>>| {
            let index = slab.acquire();
            slab.touch(index);
            index
        };
        let (left, right) = (Arc::clone(&slab), Arc::clone(&slab));
        (
            move || use_one(left),
            move || use_one(right),
            move |a, b| {
                assert_ne!(a, b);
                assert_eq!((slab.touch(a), slab.touch(b)), (2, 2));
            },
        )
    });
}

#[test]
fn three_threads_recycle_two_elements() {
    model(|| {
        let slab = slab_with_two();
        let threads = [(); 2].map(|()| {
            let slab = Arc::clone(&slab);
            thread::spawn(move || slab.recycle())
        });
        slab.recycle();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(slab.uses(), 3);
    });
}

/// Catches `slab_untagged`: one thread takes both at once, the other pops two and gives the first back meanwhile.
#[test]
fn many_at_once_have_one_holder() {
    race(|| {
        let slab = slab_with_two();
        let other = Arc::clone(&slab);
        (
            move || {
                let (a, b) = (other.acquire(), other.acquire());
                other.touch(b);
                other.release(a);
                b
            },
            move || {
                let mut mine = Vec::new();
                let count = slab.acquire_many(2, |at, index, _, _| {
                    mine.truncate(at);
                    mine.push(index);
                });
                mine.truncate(count);
                for &index in &mine {
                    slab.touch(index);
                }
                mine
            },
            |theirs, mine: Vec<u32>| {
                assert!(mine.len() < 2 || mine[0] != mine[1]);
                assert!(!mine.contains(&theirs), "two holders");
            },
        )
    });
}

/// Catches `slab_release_relaxed`: several that are given back at once are handed over as one is.
#[test]
fn release_of_many_hands_all_over() {
    race(|| {
        let slab = slab_with_two();
        let (left, right) = (Arc::clone(&slab), Arc::clone(&slab));
        (
            move || {
                let both = [left.acquire(), left.acquire()];
                for index in both {
                    left.touch(index);
                }
                left.release_many(&both);
            },
            move || right.recycle(),
            move |(), ()| assert_eq!(slab.uses(), 3),
        )
    });
}
