//! The one race of a shelf: its thread returns a block while another thread closes the pool.

use super::*;
use crate::sync::{model, thread};
use std::sync::Arc;

/// An address that stands for a block.
fn block(number: usize) -> NonNull<u8> {
    NonNull::new(ptr::without_provenance_mut(number * 64)).unwrap()
}

fn number(block: NonNull<u8>) -> usize {
    block.addr().get() / 64
}

/// Stands for the bytes of a block.
struct Bytes(crate::sync::UnsafeCell<u8>);

// SAFETY: the tests touch the bytes only while they have the block; whether that suffices is what they test.
unsafe impl Sync for Bytes {}

fn put(shelf: &Shelf, block: NonNull<u8>) -> Result<(), Refused> {
    // SAFETY: 1. borrowed for the whole call.
    unsafe { Shelf::put_newest(NonNull::from(shelf), DEPTH, block) }
}

#[test]
fn a_block_returned_while_the_pool_closes_has_one_owner() {
    model(|| {
        let shelf = Arc::new(Shelf::new());
        put(&shelf, block(1)).unwrap();
        let closer = thread::spawn({
            let shelf = Arc::clone(&shelf);
            move || {
                let mut freed = Vec::new();
                // SAFETY: 1. this test takes nothing.
                unsafe { shelf.close(|block| freed.push(number(block))) };
                freed
            }
        });
        let mut owned = Vec::new();
        for number in [2, 3] {
            if let Err(refused) = put(&shelf, block(number)) {
                assert_eq!(refused, Refused::Closed);
                owned.push(number);
            }
        }
        owned.extend(closer.join().unwrap());
        owned.sort();
        assert_eq!(owned, [1, 2, 3]);
    });
}

#[test]
fn a_lessee_that_leaves_while_the_pool_closes_shares_its_blocks_with_the_closer() {
    model(|| {
        let shelf = Arc::new(Shelf::new());
        put(&shelf, block(1)).unwrap();
        put(&shelf, block(2)).unwrap();
        let closer = thread::spawn({
            let shelf = Arc::clone(&shelf);
            move || {
                let mut freed = Vec::new();
                // SAFETY: 1. this test takes nothing.
                unsafe { shelf.close(|block| freed.push(number(block))) };
                freed
            }
        });
        let mut owned = Vec::new();
        // SAFETY: 1. only this thread puts and drains.
        unsafe { shelf.drain(|block| owned.push(number(block))) };
        owned.extend(closer.join().unwrap());
        owned.sort();
        assert_eq!(owned, [1, 2]);
    });
}

#[test]
fn a_slot_changes_hands_with_what_its_former_lessee_did() {
    model(|| {
        let lessee = Arc::new((AtomicBool::new(true), Shelf::new()));
        put(&lessee.1, block(1)).unwrap();
        let next = thread::spawn({
            let lessee = Arc::clone(&lessee);
            move || {
                // The exchange of `Slot::try_lease`, without the other shelves.
                if lessee
                    .0
                    .compare_exchange(false, true, Acquire, Relaxed)
                    .is_err()
                {
                    return;
                }
                // SAFETY: 1. leased. 2. this test does not close.
                assert_eq!(unsafe { lessee.1.take_newest() }, None);
                put(&lessee.1, block(2)).unwrap();
                // SAFETY: as above.
                assert_eq!(unsafe { lessee.1.take_newest() }, Some(block(2)));
            }
        });
        // SAFETY: 1. leased since the beginning.
        unsafe { lessee.1.drain(|found| assert_eq!(found, block(1))) };
        lessee.0.store(false, Release);
        next.join().unwrap();
    });
}

#[test]
fn the_closer_sees_what_was_written_to_the_block_it_frees() {
    model(|| {
        let shelf = Arc::new(Shelf::new());
        let bytes = Arc::new(Bytes(crate::sync::UnsafeCell::new(0)));
        let closer = thread::spawn({
            let (shelf, bytes) = (Arc::clone(&shelf), Arc::clone(&bytes));
            move || {
                let each = |_| {
                    // SAFETY: whoever has the block may read its bytes.
                    bytes.0.with(|bytes| assert_eq!(unsafe { *bytes }, 7));
                };
                // SAFETY: 1. this test takes nothing.
                unsafe { shelf.close(each) };
            }
        });
        // SAFETY: the block is ours until it is put.
        bytes.0.with_mut(|bytes| unsafe { *bytes = 7 });
        let _ = put(&shelf, block(1));
        closer.join().unwrap();
    });
}
