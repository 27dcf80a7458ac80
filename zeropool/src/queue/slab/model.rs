//! The slab's races, small enough to be searched exhaustively. Each test names the broken variants it catches.

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
}

fn slab() -> Arc<Slab<Guarded>> {
    Arc::new(Slab::new())
}

/// Catches `slab_untagged`: one thread pops two and gives the first back while the other is about to pop it.
#[test]
fn no_index_has_two_holders() {
    model(|| {
        let slab = slab();
        let (a, b) = (slab.acquire(), slab.acquire());
        slab.release(b);
        slab.release(a);
        let other = Arc::clone(&slab);
        let other = thread::spawn(move || {
            let (a, b) = (other.acquire(), other.acquire());
            other.touch(b);
            other.release(a);
            b
        });
        let mine = [slab.acquire(), slab.acquire()];
        for index in mine {
            slab.touch(index);
        }
        let theirs = other.join().unwrap();
        assert_ne!(mine[0], mine[1]);
        assert!(!mine.contains(&theirs));
    });
}

/// Catches `slab_release_relaxed`: the next holder must see what the last one did.
#[test]
fn release_hands_the_element_over() {
    model(|| {
        let slab = slab();
        let other = Arc::clone(&slab);
        let other = thread::spawn(move || {
            let index = other.acquire();
            other.touch(index);
            other.release(index);
        });
        let index = slab.acquire();
        slab.touch(index);
        slab.release(index);
        other.join().unwrap();
        let uses = (0..slab.high_water()).map(|_| slab.touch(slab.acquire()) - 1);
        assert_eq!(uses.sum::<u32>(), 2);
    });
}

/// Catches `slab_install_by_store`: two threads need the first chunk at once, and both keep their element.
#[test]
fn chunk_is_installed_once() {
    model(|| {
        let slab = slab();
        let other = Arc::clone(&slab);
        let other = thread::spawn(move || {
            let index = other.acquire();
            other.touch(index);
            index
        });
        let mine = slab.acquire();
        slab.touch(mine);
        let theirs = other.join().unwrap();
        assert_ne!(mine, theirs);
        assert_eq!((slab.touch(mine), slab.touch(theirs)), (2, 2));
    });
}

#[test]
fn three_threads_recycle_two_elements() {
    model(|| {
        let slab = slab();
        let (a, b) = (slab.acquire(), slab.acquire());
        slab.release(a);
        slab.release(b);
        let recycle = |slab: &Slab<Guarded>| {
            let index = slab.acquire();
            slab.touch(index);
            slab.release(index);
        };
        let threads = [(); 2].map(|()| {
            let slab = Arc::clone(&slab);
            thread::spawn(move || recycle(&slab))
        });
        recycle(&slab);
        for thread in threads {
            thread.join().unwrap();
        }
        let uses = (0..slab.high_water()).map(|_| slab.touch(slab.acquire()) - 1);
        assert_eq!(uses.sum::<u32>(), 3);
    });
}
