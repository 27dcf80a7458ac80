//! Memory goes back to the system when asked, and when nobody needs it. Covers P18.

use crate::support::times;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use zp::BufferPool;

/// What the process has in memory, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[cfg(target_os = "linux")]
#[test]
fn trimming_lowers_what_the_process_has_in_memory() {
    const BYTES: usize = 256 << 20;
    let falls = || {
        let pool = BufferPool::builder()
            .max_idle_bytes(2 * BYTES)
            .build()
            .unwrap();
        let mut held = Vec::from_iter((0..BYTES / (4 << 20)).map(|_| pool.get(4 << 20)));
        held.iter_mut().for_each(|buf| buf.fill(1));
        drop(held);
        let before = resident();
        assert_eq!(pool.trim(), BYTES);
        let after = resident();
        assert_eq!(pool.stats().bytes_mapped(), 0);
        before.saturating_sub(after) > BYTES / 2
    };
    // Other tests of this process go up and down meanwhile: seldom by half, and not each time.
    assert!((0..10).any(|_| falls()));
}

#[test]
fn trimming_does_not_touch_what_is_lent() {
    let pool = BufferPool::new();
    let lens = [64, 100, 4096, 5000, 64 << 10, 2 << 20, 17 << 20];
    for _ in 0..times(20, 3) {
        let mut held = Vec::from_iter(lens.iter().cycle().take(50).map(|&len| pool.get(len)));
        for (buf, mark) in held.iter_mut().zip(1_u8..) {
            buf.fill(mark);
        }
        // Every other one goes, so that most spans are half lent.
        let mut kept = Vec::new();
        for (buf, mark) in held.drain(..).zip(1_u8..) {
            if mark.is_multiple_of(2) {
                kept.push((buf, mark));
            }
        }
        pool.trim();
        for (buf, mark) in &kept {
            assert!(buf.iter().all(|byte| byte == mark));
        }
        drop(kept);
        assert!(pool.trim() > 0);
        assert_eq!(pool.stats().bytes_mapped(), 0);
    }
}

#[test]
fn trimming_while_others_get_and_return_loses_nothing() {
    let pool = BufferPool::new();
    thread::scope(|s| {
        let workers = [1_u8, 2, 3].map(|mark| {
            let pool = &pool;
            s.spawn(move || {
                for round in 0..times(2000, 3) {
                    let mut buf = pool.get(1 + round * 331 % 9000);
                    assert!(buf.iter().all(|&byte| byte == 0));
                    buf.fill(mark);
                    assert!(buf.iter().all(|&byte| byte == mark));
                }
            })
        });
        while !workers.iter().all(thread::ScopedJoinHandle::is_finished) {
            pool.trim();
            thread::yield_now();
        }
        for worker in workers {
            // The end of a scope does not wait for the destructors of thread-locals, which return what a thread has cached.
            worker.join().unwrap();
        }
    });
    assert_eq!(pool.stats().bytes_in_flight(), 0);
    pool.flush_thread_cache();
    pool.trim();
    assert_eq!(pool.stats().bytes_mapped(), 0);
}

#[test]
fn what_nobody_needs_decays() {
    let pool = BufferPool::builder()
        .idle_decay(Duration::from_millis(10))
        .tls_cache_size(0)
        .build()
        .unwrap();
    drop(Vec::from_iter((0..16).map(|_| pool.get(1 << 20))));
    assert_eq!(pool.stats().bytes_mapped(), 16 << 20);
    // Something else is needed all the time.
    let began = Instant::now();
    while pool.stats().bytes_mapped() > 1 << 20 {
        drop(pool.get(4096));
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{}",
            pool.stats()
        );
    }
    assert_eq!(pool.get(4096).len(), 4096);
}

#[test]
fn what_is_needed_does_not_decay() {
    let pool = BufferPool::builder()
        .idle_decay(Duration::from_millis(1))
        .tls_cache_size(0)
        .build()
        .unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(100) {
        drop(Vec::from_iter((0..4).map(|_| pool.get(1 << 20))));
    }
    assert_eq!(pool.stats().allocations(), 4);
}

#[test]
fn what_an_idle_thread_has_cached_decays_too() {
    let pool = BufferPool::builder()
        .idle_decay(Duration::from_millis(10))
        .build()
        .unwrap();
    let (end, ended) = mpsc::channel::<()>();
    thread::scope(|s| {
        // Also when the test fails.
        let _end = end;
        let own = pool.clone();
        s.spawn(move || {
            drop(own.get(1 << 20));
            assert!(ended.recv().is_err());
        });
        while pool.stats().bytes_cached() < 1 << 20 {
            thread::yield_now();
        }
        let began = Instant::now();
        while pool.stats().bytes_mapped() > 2 << 20 {
            // Of a size that goes through the store.
            drop(pool.get(2 << 20));
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "{}",
                pool.stats()
            );
        }
    });
}
