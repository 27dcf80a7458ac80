//! Threads that put and take at one bin.

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

/// Puts block `n`; the number comes back if it is refused.
fn put(bin: &Bin, affinity: usize, n: usize) -> Option<usize> {
    bin.put(affinity, block(n)).err().map(number)
}

fn take(bin: &Bin, affinity: usize) -> Option<usize> {
    bin.take(affinity).map(number)
}

fn rest(bin: &Bin) -> Vec<usize> {
    std::iter::from_fn(|| take(bin, 0)).collect()
}

/// Stands for the bytes of a block.
struct Bytes(crate::sync::UnsafeCell<u8>);

// SAFETY: the tests touch the bytes only while they have the block; whether that suffices is what they test.
unsafe impl Sync for Bytes {}

#[test]
fn no_block_is_lost_or_found_twice() {
    model(|| {
        let bin = Arc::new(Bin::new(1, 2));
        assert_eq!(put(&bin, 0, 1), None);
        let taker = thread::spawn({
            let bin = Arc::clone(&bin);
            move || take(&bin, 0)
        });
        let other = thread::spawn({
            let bin = Arc::clone(&bin);
            move || {
                let refused = put(&bin, 0, 2);
                (refused, take(&bin, 0))
            }
        });
        let mut owned = Vec::from_iter(put(&bin, 0, 3));
        owned.extend(taker.join().unwrap());
        let (refused, taken) = other.join().unwrap();
        owned.extend(refused);
        owned.extend(taken);
        owned.extend(rest(&bin));
        owned.sort();
        assert_eq!(owned, [1, 2, 3]);
    });
}

#[test]
fn a_full_bin_gives_the_block_back_and_an_empty_one_nothing() {
    model(|| {
        let bin = Bin::new(2, 3);
        for number in [1, 2, 3] {
            assert_eq!(put(&bin, 1, number), None);
        }
        assert_eq!(put(&bin, 0, 4), Some(4));
        let mut owned = rest(&bin);
        owned.sort();
        assert_eq!(owned, [1, 2, 3]);
        assert_eq!(take(&bin, 1), None);
    });
}

#[test]
fn what_an_idle_thread_stored_is_found_from_every_shard() {
    model(|| {
        let bin = Arc::new(Bin::new(2, 2));
        let idle = thread::spawn({
            let bin = Arc::clone(&bin);
            move || assert_eq!(put(&bin, 1, 1), None)
        });
        let early = take(&bin, 0);
        idle.join().unwrap();
        assert_eq!(early.or_else(|| take(&bin, 0)), Some(1));
    });
}

#[test]
fn the_taker_sees_what_the_putter_wrote() {
    model(|| {
        let bin = Arc::new(Bin::new(1, 1));
        let bytes = Arc::new(Bytes(crate::sync::UnsafeCell::new(0)));
        let taker = thread::spawn({
            let (bin, bytes) = (Arc::clone(&bin), Arc::clone(&bytes));
            move || {
                if take(&bin, 0).is_some() {
                    // SAFETY: whoever has the block may write its bytes.
                    bytes.0.with_mut(|bytes| unsafe { *bytes += 1 });
                    assert_eq!(put(&bin, 0, 1), None);
                }
            }
        });
        // SAFETY: the block is ours until it is put.
        bytes.0.with_mut(|bytes| unsafe { *bytes = 1 });
        assert_eq!(put(&bin, 0, 1), None);
        if take(&bin, 0).is_some() {
            // SAFETY: whoever has the block may write its bytes.
            bytes.0.with_mut(|bytes| unsafe { *bytes += 1 });
        }
        taker.join().unwrap();
    });
}

#[test]
fn two_threads_that_need_a_new_bin_share_one() {
    model(|| {
        let class = Class::of(16 << 20).unwrap();
        let store = Arc::new(Shared::new(1));
        let other = thread::spawn({
            let store = Arc::clone(&store);
            move || {
                store.prepare(class);
                store.put(class, 0, block(1)).err().map(number)
            }
        });
        store.prepare(class);
        let mut owned = Vec::from_iter(store.put(class, 0, block(2)).err().map(number));
        owned.extend(other.join().unwrap());
        // Only one place for a class of that size.
        assert_eq!(owned.len(), 1);
        store.drain(|_, block| owned.push(number(block)));
        owned.sort();
        assert_eq!(owned, [1, 2]);
    });
}

/// A block that is put while the store closes is found by the closer or by the putter (broken variant:
/// `buffer_close_fence`).
#[test]
fn a_block_put_while_the_store_closes_is_not_left_there() {
    model(|| {
        let class = Class::all().next().unwrap();
        let store = Arc::new(Shared::new(1));
        store.prepare(class);
        let putter = thread::spawn({
            let store = Arc::clone(&store);
            move || match store.put(class, 0, block(1)) {
                Ok(Stored::ToStay) => 0,
                Ok(Stored::ButClosed) => {
                    let mut found = 0;
                    store.drain(|_, _| found += 1);
                    found
                }
                Err(_) => 1,
            }
        });
        store.close();
        let mut found = 0;
        store.drain(|_, _| found += 1);
        assert_eq!(found + putter.join().unwrap(), 1);
    });
}
