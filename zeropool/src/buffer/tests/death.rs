//! Pools, handles and buffers end in every order; all memory goes. Covers B9.

use super::*;
use crate::sync::thread;
use std::sync::Barrier;
use std::time::{Duration, Instant};

#[test]
fn a_buffer_outlives_its_pool() {
    let pool = BufferPool::new();
    let tally = tally(&pool);
    let mut buf = pool.get(4096);
    drop(pool.get(4096));
    drop(pool.get(if cfg!(miri) { 64 << 10 } else { 8 << 20 }));
    drop(pool);
    // What was at rest is gone at once, though a buffer is still lent.
    assert_eq!(tally.alive(), 1);
    buf.fill(1);
    buf.resize(buf.capacity());
    drop(buf);
    assert_eq!(tally.alive(), 0);
}

#[test]
fn a_clone_keeps_the_pool() {
    let pool = BufferPool::new();
    let clone = pool.clone();
    let tally = tally(&pool);
    drop(pool.get(4096));
    drop(pool);
    drop(clone.get(4096));
    assert_eq!((tally.allocations(), tally.alive()), (1, 1));
    drop(clone);
    assert_eq!(tally.alive(), 0);
}

#[test]
fn blocks_in_other_threads_slots_go_with_the_pool() {
    let pool = BufferPool::new();
    let tally = tally(&pool);
    let (filled, dropped) = (Barrier::new(4), Barrier::new(4));
    thread::scope(|s| {
        for _ in 0..3 {
            let pool = pool.clone();
            let (filled, dropped) = (&filled, &dropped);
            s.spawn(move || {
                drop((pool.get(4096), pool.get(65_536)));
                drop(pool);
                filled.wait();
                // Alive, with a lease, and idle.
                dropped.wait();
            });
        }
        filled.wait();
        assert!(tally.alive() >= 2);
        drop(pool);
        assert_eq!(tally.alive(), 0);
        dropped.wait();
    });
}

#[test]
fn buffers_returned_to_a_slot_of_a_dead_pool_are_freed() {
    let pool = BufferPool::new();
    let tally = tally(&pool);
    let (lent, dropped) = (Barrier::new(2), Barrier::new(2));
    thread::scope(|s| {
        let clone = pool.clone();
        let (tally, lent, dropped) = (&tally, &lent, &dropped);
        s.spawn(move || {
            let first = clone.get(4096);
            let others = (clone.get(4096), clone.get(65_536));
            drop(clone);
            lent.wait();
            dropped.wait();
            drop(first);
            assert_eq!(tally.alive(), 2);
            drop(others);
            assert_eq!(tally.alive(), 0);
        });
        lent.wait();
        drop(pool);
        assert_eq!(tally.alive(), 3);
        dropped.wait();
    });
}

#[test]
fn a_pool_dies_while_its_buffers_come_back_on_many_threads() {
    for _ in 0..if cfg!(miri) { 2 } else { 200 } {
        let pool = BufferPool::new();
        let tally = tally(&pool);
        let start = Arc::new(Barrier::new(4));
        let threads = Vec::from_iter([true, true, false].map(|leases| {
            let held = Vec::from_iter((0..4).map(|_| pool.get(4096)));
            let pool = leases.then(|| pool.clone());
            let start = Arc::clone(&start);
            thread::spawn(move || {
                let own = pool.as_ref().map(|pool| (pool.get(4096), pool.get(65_536)));
                drop(pool);
                start.wait();
                drop(held);
                drop(own);
            })
        }));
        start.wait();
        drop(pool);
        // Joined one by one: the end of a scope does not wait for a thread's destructors.
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(tally.alive(), 0);
    }
}

#[test]
fn a_thread_forgets_dead_pools() {
    thread::spawn(|| {
        for _ in 0..if cfg!(miri) { 5 } else { 1000 } {
            let pool = BufferPool::new();
            let tally = tally(&pool);
            drop(pool.get(4096));
            drop(pool);
            assert_eq!(tally.alive(), 0);
        }
        assert!(crate::buffer::lease::leases() <= 1);
    })
    .join()
    .unwrap();
}

/// Small buffers, of which one of each span stays out for long, come back after the pool's last handle is gone.
#[test]
fn late_small_buffers_take_no_quadratic_time_and_are_all_freed() {
    let spans = if cfg!(miri) { 1 } else { 128 };
    let pool = BufferPool::builder().idle_decay(None).build().unwrap();
    let tally = tally(&pool);
    let mut held = Vec::from_iter((0..spans * 64).map(|_| Some(pool.get_uninit(64))));
    drop(pool);
    let begun = Instant::now();
    for first in 0..64 {
        for i in (first..spans * 64).step_by(64) {
            held[i] = None;
        }
    }
    let took = begun.elapsed();
    assert_eq!(tally.alive(), 0);
    assert!(took < Duration::from_secs(15), "{took:?}");
}
