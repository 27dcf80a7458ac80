//! One thread at a time has the box, and sees what the last one has done with it.
#![allow(unsafe_code)] // A plain number in the box.

use super::*;
use crate::sync::{UnsafeCell, model, thread};
use std::sync::Arc;

/// A plain number, for one thread at a time.
struct Plain(UnsafeCell<u32>);

// SAFETY: whoever has the box is alone with it; loom and Miri check that.
unsafe impl Send for Plain {}

/// Adds one to the number if the box is there; returns what it was.
fn add(cell: &AtomicBox<Plain>) -> Option<u32> {
    let inside = cell.take()?;
    // SAFETY: the box is ours.
    let before = inside.0.with(|number| unsafe { *number });
    // SAFETY: as above.
    inside.0.with_mut(|number| unsafe { *number = before + 1 });
    cell.put(inside);
    Some(before)
}

#[test]
fn model_atomic_box_has_one_holder() {
    model(|| {
        let cell = Arc::new(AtomicBox::new(Box::new(Plain(UnsafeCell::new(0)))));
        let other = {
            let cell = Arc::clone(&cell);
            thread::spawn(move || add(&cell))
        };
        let mine = add(&cell);
        let others = other.join().unwrap();
        let adds = u32::from(mine.is_some()) + u32::from(others.is_some());
        assert!(adds >= 1, "it was there for one of them");
        assert!(mine != others, "each sees what the other has done");
        assert_eq!(add(&cell), Some(adds));
    });
}

#[test]
fn an_empty_cell_has_nothing() {
    model(|| {
        let cell = AtomicBox::new(Box::new(7));
        let inside = cell.take();
        assert!(cell.take().is_none());
        cell.put(inside.unwrap());
        // The cell drops what lies inside; Miri sees leaks.
        assert_eq!(cell.take().as_deref(), Some(&7));
        cell.put(Box::new(8));
    });
}
