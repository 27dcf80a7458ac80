//! One cap over all memory of a pool, and what happens there. Covers B11 and E14.

use crate::support::{LIMIT, on_worker, times, within_here};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};
use zp::{BufError, BufferPool};

const KIB: usize = 1024;

fn pool(max_bytes: usize) -> BufferPool {
    BufferPool::builder().max_bytes(max_bytes).build().unwrap()
}

#[test]
fn requests_beyond_the_cap_are_refused_by_name() {
    let pool = pool(64 * KIB);
    let held = pool.try_get(64 * KIB).unwrap();
    match pool.try_get(1) {
        Err(BufError::Exhausted {
            requested: 1,
            max_bytes,
            in_flight,
        }) => assert_eq!((max_bytes, in_flight), (64 * KIB, 64 * KIB)),
        other => panic!("{other:?}"),
    }
    for len in [64 * KIB + 1, 32 << 20, isize::MAX as usize, usize::MAX] {
        match pool.try_get(len) {
            Err(error @ BufError::TooLarge { .. }) => {
                assert!(error.to_string().contains("65536"), "{error}");
            }
            other => panic!("{len}: {other:?}"),
        }
    }
    drop(held);
    assert!(pool.try_get(0).unwrap().is_empty());
    assert_eq!(pool.try_get(1).unwrap().len(), 1);
}

#[test]
fn what_rests_in_other_sizes_makes_room() {
    let pool = pool(64 * KIB);
    // All of the cap, cached by this thread in one size, then wanted in others.
    for len in [64 * KIB, 4 * KIB, 100, 64 * KIB, 33, 20 * KIB, 64 * KIB] {
        let mut buf = pool.try_get(len).unwrap();
        buf.fill(7);
        assert!(pool.stats().bytes_mapped() <= 64 * KIB);
    }
}

#[test]
fn what_an_idle_thread_has_cached_makes_room() {
    let pool = pool(64 * KIB);
    let (cached, done) = (Barrier::new(2), Barrier::new(2));
    within_here(LIMIT, || {
        thread::scope(|s| {
            s.spawn(|| {
                drop(pool.get(64 * KIB));
                assert_eq!(pool.stats().bytes_cached(), 64 * KIB);
                cached.wait();
                // Alive and idle.
                done.wait();
            });
            cached.wait();
            // Of the same size, and of another.
            assert_eq!(pool.try_get(64 * KIB).unwrap().len(), 64 * KIB);
            pool.flush_thread_cache();
            assert_eq!(pool.try_get(4 * KIB).unwrap().len(), 4 * KIB);
            done.wait();
        });
    });
}

#[test]
fn a_waiter_gets_what_is_dropped() {
    let pool = pool(64 * KIB);
    for _ in 0..times(100, 3) {
        let held = pool.get(64 * KIB);
        within_here(LIMIT, || {
            thread::scope(|s| {
                let waiter = s.spawn(|| pool.get(64 * KIB).len());
                drop(held);
                assert_eq!(waiter.join().unwrap(), 64 * KIB);
            });
        });
    }
}

#[test]
fn waiters_are_served_in_the_order_in_which_they_came() {
    let pool = pool(4 * KIB);
    let held = pool.get(4 * KIB);
    let (served, order) = mpsc::channel();
    within_here(LIMIT, || {
        thread::scope(|s| {
            for number in 0..4 {
                let (own, served) = (pool.clone(), served.clone());
                s.spawn(move || {
                    let buf = own.get(4 * KIB);
                    served.send(number).unwrap();
                    drop(buf);
                });
                // In line before the next comes.
                while pool.stats().waits() <= number {
                    thread::yield_now();
                }
            }
            // Nobody passes the line.
            assert!(matches!(
                pool.try_get(4 * KIB),
                Err(BufError::Exhausted { .. })
            ));
            drop(held);
        });
    });
    drop(served);
    assert_eq!(Vec::from_iter(order), [0, 1, 2, 3]);
}

#[test]
fn a_time_out_names_the_cap_and_leaves_the_line() {
    let pool = pool(4 * KIB);
    let held = pool.get(1);
    let limit = Duration::from_millis(20);
    let began = Instant::now();
    match pool.get_timeout(KIB, limit) {
        Err(BufError::TimedOut {
            requested,
            max_bytes,
            waited,
        }) => {
            assert_eq!((requested, max_bytes), (KIB, 4 * KIB));
            assert!(waited >= limit && began.elapsed() >= limit);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!((pool.stats().waits(), pool.stats().timeouts()), (1, 1));
    drop(held);
    // Nothing is left of the wait.
    drop(pool.get(4 * KIB));
    assert_eq!(pool.stats().bytes_in_flight(), 0);
}

#[test]
fn one_that_gives_up_does_not_hold_up_the_next() {
    let pool = pool(8 * KIB);
    let held = (pool.get(4 * KIB), pool.get(4 * KIB));
    within_here(LIMIT, || {
        thread::scope(|s| {
            // First in line, for more than there will be.
            let pool = &pool;
            let first = s.spawn(|| pool.get_timeout(8 * KIB, Duration::from_millis(50)).err());
            while pool.stats().waits() < 1 {
                thread::yield_now();
            }
            let second = s.spawn(|| pool.get(4 * KIB).len());
            while pool.stats().waits() < 2 {
                thread::yield_now();
            }
            drop(held.0);
            assert!(matches!(
                first.join().unwrap(),
                Some(BufError::TimedOut { .. })
            ));
            assert_eq!(second.join().unwrap(), 4 * KIB);
        });
    });
    drop(held.1);
}

#[test]
fn the_cap_holds_at_every_moment_for_many_threads() {
    const CAP: usize = 256 * KIB;
    let pool = pool(CAP);
    let (stop, greatest) = (AtomicBool::new(false), AtomicUsize::new(0));
    within_here(LIMIT, || {
        thread::scope(|s| {
            s.spawn(|| {
                while !stop.load(Relaxed) {
                    greatest.fetch_max(pool.stats().bytes_mapped(), Relaxed);
                    thread::yield_now();
                }
            });
            let workers = Vec::from_iter((0..4_u64).map(|seed| {
                let pool = &pool;
                s.spawn(move || {
                    let mut random = seed * 7919 + 1;
                    for _ in 0..times(300, 3) {
                        random = random
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1);
                        let len = 1 + (random >> 33) as usize % (40 * KIB);
                        let mut buf = pool.get(len);
                        assert!(buf.iter().all(|&byte| byte == 0));
                        buf.fill(0xEE);
                    }
                })
            }));
            for worker in workers {
                worker.join().unwrap();
            }
            stop.store(true, Relaxed);
        });
    });
    assert!(greatest.load(Relaxed) <= CAP);
    assert!(pool.stats().peak_bytes() <= CAP);
    assert_eq!(pool.stats().bytes_in_flight(), 0);
}

#[test]
fn on_a_worker_the_wait_ends_in_a_panic_that_names_the_cap() {
    let buffers = BufferPool::builder()
        .max_bytes(4 * KIB)
        .worker_wait(Duration::from_millis(20))
        .build()
        .unwrap();
    let pool = zp::Pool::builder()
        .workers(2)
        .buffers(buffers.clone())
        .build()
        .unwrap();
    let held = buffers.get(4 * KIB);
    let wanted = buffers.clone();
    let failed = within_here(LIMIT, || {
        pool.spawn(move || wanted.get(4 * KIB).len()).wait()
    });
    let payload = failed.unwrap_err().into_panic().unwrap();
    let text = payload.downcast_ref::<String>().unwrap();
    assert!(
        text.contains("4096") && text.contains("worker_wait"),
        "{text}"
    );
    drop(held);
    // The pool is none the worse.
    assert_eq!(
        pool.spawn(move || buffers.get(10).len()).wait().unwrap(),
        10
    );
}

#[test]
fn a_wait_runs_no_task() {
    let buffers = BufferPool::builder()
        .max_bytes(4 * KIB)
        .worker_wait(Duration::from_millis(50))
        .build()
        .unwrap();
    let pool = Arc::new(
        zp::Pool::builder()
            .workers(1)
            .buffers(buffers.clone())
            .build()
            .unwrap(),
    );
    let held = buffers.get(4 * KIB);
    let (ran, has_run) = mpsc::channel();
    let (wanted, spawner) = (buffers.clone(), Arc::clone(&pool));
    let waits = move || {
        let inner = spawner.spawn(move || ran.send(()).unwrap());
        let refused = wanted.get_timeout(KIB, Duration::from_millis(50)).is_err();
        (refused, has_run.recv_timeout(Duration::ZERO), inner)
    };
    let (refused, early, inner) = within_here(LIMIT, || on_worker(&pool, waits));
    assert!(refused);
    // On a pool of one worker nobody else could have run it either.
    assert!(matches!(early, Err(RecvTimeoutError::Timeout)) || pool.workers() > 1);
    drop(held);
    let _ = within_here(LIMIT, || inner.wait());
}

#[test]
fn waiting_and_the_end_of_other_handles_do_not_disturb_each_other() {
    let pool = pool(4 * KIB);
    let held = pool.get(1);
    within_here(LIMIT, || {
        thread::scope(|s| {
            let own = pool.clone();
            let waiter = s.spawn(move || own.get(KIB).len());
            while pool.stats().waits() == 0 {
                thread::yield_now();
            }
            drop(pool);
            drop(held);
            assert_eq!(waiter.join().unwrap(), KIB);
        });
    });
}
