//! Thread exit: what the thread kept goes back, and late drops work. Covers B19.

use super::*;
use crate::Buf;
use crate::sync::thread;
use std::cell::RefCell;

/// Gets a buffer when it is dropped, and keeps another until then.
#[derive(Default)]
struct Late(Option<(BufferPool, Buf)>);

impl Drop for Late {
    fn drop(&mut self) {
        if let Some((pool, buf)) = self.0.take() {
            drop(buf);
            let mut other = pool.get(8192);
            other.fill(1);
            drop(pool);
            drop(other);
        }
    }
}

thread_local! {
    static HELD: RefCell<Option<Buf>> = const { RefCell::new(None) };
    static LATE: RefCell<Late> = const { RefCell::new(Late(None)) };
}

/// Runs `f` on a thread of its own and waits for the thread's destructors too, which the end of a scope does not.
fn ended_thread(f: impl FnOnce() + Send) {
    thread::scope(|s| s.spawn(f).join().unwrap());
}

/// The pool of a thread that ended has `allocations` blocks in the store, and the next thread gets them.
fn check_reusable(pool: BufferPool, lens: &[usize]) {
    let tally = tally(&pool);
    let allocations = tally.allocations();
    assert_eq!(allocations, lens.len());
    assert_eq!(tally.alive(), allocations);
    ended_thread(move || {
        for &len in lens {
            let buf = pool.get(len);
            assert!(buf.iter().all(|&byte| byte == 0));
        }
    });
    assert_eq!(tally.allocations(), allocations);
    assert_eq!(tally.alive(), 0);
}

#[test]
fn a_buffer_in_a_thread_local_made_before_the_lease() {
    let pool = BufferPool::new();
    ended_thread(|| {
        // Registered first, destroyed last (or first, by platform); the other test has the other order.
        HELD.with_borrow_mut(|held| assert!(held.is_none()));
        HELD.set(Some(pool.get(4096)));
        drop(pool.get(8192));
    });
    check_reusable(pool, &[4096, 8192]);
}

#[test]
fn a_buffer_in_a_thread_local_made_after_the_lease() {
    let pool = BufferPool::new();
    ended_thread(|| {
        drop(pool.get(8192));
        HELD.set(Some(pool.get(4096)));
    });
    check_reusable(pool, &[4096, 8192]);
}

#[test]
fn a_thread_local_that_uses_the_pool_while_it_is_destroyed_before_the_lease() {
    let pool = BufferPool::new();
    ended_thread(|| {
        LATE.with_borrow(|_| ());
        LATE.with_borrow_mut(|late| late.0 = Some((pool.clone(), pool.get(4096))));
    });
    check_reusable(pool, &[4096, 8192]);
}

#[test]
fn a_thread_local_that_uses_the_pool_while_it_is_destroyed_after_the_lease() {
    let pool = BufferPool::new();
    ended_thread(|| {
        drop(pool.get(4096));
        LATE.with_borrow_mut(|late| late.0 = Some((pool.clone(), pool.get(4096))));
    });
    check_reusable(pool, &[4096, 8192]);
}

#[test]
fn the_pool_and_its_last_buffer_may_end_in_a_thread_local() {
    for lease_first in [true, false] {
        let pool = BufferPool::new();
        let tally = tally(&pool);
        ended_thread(move || {
            if lease_first {
                drop(pool.get(4096));
            }
            LATE.with_borrow_mut(|late| {
                let buf = pool.get(4096);
                late.0 = Some((pool, buf));
            });
        });
        assert_eq!(tally.alive(), 0);
    }
}

#[test]
fn a_thread_that_never_got_a_buffer_may_drop_one_late() {
    let pool = BufferPool::new();
    let buf = pool.get(4096);
    ended_thread(move || HELD.set(Some(buf)));
    check_reusable(pool, &[4096]);
}
