//! What is returned is found again, and no more is kept than is useful. Covers B2, B3, B9, B12.

use super::*;
use std::collections::HashSet;
use std::sync::mpsc;

#[test]
fn the_steady_state_has_one_allocation_per_class() {
    let pool = BufferPool::new();
    let rounds = if cfg!(miri) { 3 } else { 1000 };
    const LARGE: usize = if cfg!(miri) { 512 << 10 } else { 2 << 20 };
    for _ in 0..rounds {
        for len in [4000, 4096, 8192, 65_536, 70_000, 300_000, LARGE] {
            pool.get(len)[0] = 1;
        }
    }
    // The first two share a class.
    assert_eq!(tally(&pool).allocations(), 6);
}

#[test]
fn many_pools_on_one_thread_do_not_displace_each_other() {
    // More than the ways of the hot table, so that some do displace each other there.
    let (count, rounds) = if cfg!(miri) { (10, 2) } else { (40, 100) };
    let pools = Vec::from_iter((0..count).map(|_| BufferPool::new()));
    for _ in 0..rounds {
        for pool in &pools {
            pool.get(4096)[0] = 1;
        }
    }
    for pool in &pools {
        assert_eq!(tally(pool).allocations(), 1);
    }
}

#[test]
fn pools_do_not_exchange_blocks() {
    let (one, other) = (BufferPool::new(), BufferPool::new());
    let of_one = one.get(4096).as_ptr();
    let held = other.get(4096);
    assert_ne!(held.as_ptr(), of_one);
    assert_eq!(one.get(4096).as_ptr(), of_one);
}

#[test]
fn clones_are_one_pool() {
    let pool = BufferPool::new();
    drop(pool.clone().get(4096));
    drop(pool.get(4096));
    assert_eq!(tally(&pool).allocations(), 1);
}

#[test]
fn lent_buffers_never_overlap() {
    let pool = BufferPool::new();
    let mut held = Vec::from_iter((0..100).map(|_| pool.get(100)));
    for (buf, mark) in held.iter_mut().zip(0..) {
        buf.fill(mark);
    }
    for (buf, mark) in held.iter().zip(0..) {
        assert!(buf.iter().all(|&byte| byte == mark));
    }
    assert_eq!(
        HashSet::<_>::from_iter(held.iter().map(|buf| buf.as_ptr())).len(),
        100
    );
}

#[test]
fn short_threads_reuse_what_their_predecessors_left() {
    let pool = BufferPool::new();
    for _ in 0..10 {
        let pool = pool.clone();
        crate::sync::thread::spawn(move || pool.get(65_536)[0] = 1)
            .join()
            .unwrap();
    }
    assert_eq!(tally(&pool).allocations(), 1);
}

#[test]
fn a_consumer_thread_sends_memory_back_to_the_producer() {
    const KEPT: usize = 4;
    let pool = BufferPool::builder().tls_cache_size(KEPT).build().unwrap();
    let (to_consumer, inbox) = mpsc::sync_channel::<crate::Buf>(2);
    let consumer =
        crate::sync::thread::spawn(move || inbox.iter().map(|buf| buf.len()).sum::<usize>());
    for _ in 0..if cfg!(miri) { 20 } else { 2000 } {
        to_consumer.send(pool.get(65_536)).unwrap();
    }
    drop(to_consumer);
    consumer.join().unwrap();
    // Two in the channel, one in each hand, one between the hands; and what each thread keeps.
    assert!(tally(&pool).allocations() <= 5 + 2 * KEPT);
}

#[test]
fn what_is_kept_after_a_burst_is_bounded_in_blocks() {
    let pool = BufferPool::builder()
        .tls_cache_size(2)
        .max_buffers_per_shard(5)
        .shards(2)
        .build()
        .unwrap();
    let tally = tally(&pool);
    let burst = Vec::from_iter((0..20).map(|_| pool.get_uninit(4096)));
    drop(burst);
    // What the thread keeps, and two full shards.
    assert_eq!(tally.alive(), 2 + 10);
    let burst = Vec::from_iter((0..12).map(|_| pool.get_uninit(4096)));
    drop(burst);
    assert_eq!((tally.alive(), tally.allocations()), (12, 20));
}

#[test]
fn what_is_kept_after_a_burst_is_bounded_in_bytes() {
    let pool = BufferPool::builder()
        .max_idle_bytes(5 << 20)
        .shards(1)
        .build()
        .unwrap();
    // Of a size that threads do not keep.
    let burst = Vec::from_iter((0..4).map(|_| pool.get_uninit(2 << 20)));
    drop(burst);
    assert_eq!(pool.stats().bytes_mapped(), 4 << 20);
    assert_eq!(pool.stats().evictions(), 2);
}

#[test]
fn threads_in_a_crowd_neither_lose_nor_share_a_block() {
    const KEPT: usize = 7;
    let pool = BufferPool::builder()
        .tls_cache_size(KEPT)
        .idle_decay(None)
        .build()
        .unwrap();
    let (rounds, held) = if cfg!(miri) { (3, 9) } else { (200, 40) };
    let threads = Vec::from_iter((1..=4).map(|mark| {
        let pool = pool.clone();
        crate::sync::thread::spawn(move || {
            for _ in 0..rounds {
                let mut bufs = Vec::from_iter(
                    (0..held).map(|_| pool.get(if cfg!(miri) { 256 } else { 4096 })),
                );
                for buf in &mut bufs {
                    assert!(buf.iter().all(|&byte| byte == 0));
                    buf.fill(mark);
                }
                for buf in &bufs {
                    assert!(buf.iter().all(|&byte| byte == mark));
                }
            }
        })
    }));
    for thread in threads {
        thread.join().unwrap();
    }
    let tally = tally(&pool);
    // What each thread holds and keeps: the last visit to the store may have brought more than it needed.
    assert!(tally.allocations() <= 4 * (held + KEPT));
    drop(pool);
    assert_eq!(tally.alive(), 0);
}

/// The system hands out large memory zeroed but untouched; a buffer must not fill it before it is used.
#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn a_large_buffer_takes_no_memory_before_it_is_touched() {
    fn resident_pages() -> usize {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        statm.split(' ').nth(1).unwrap().parse().unwrap()
    }
    let pool = BufferPool::new();
    for len in [1 << 20, 16 << 20, 256 << 20] {
        let before = resident_pages();
        let lent = pool.get_uninit(len);
        // Other tests run meanwhile: half is a lot less than all.
        let grown = resident_pages().saturating_sub(before) * 4096;
        assert!(len < 64 << 20 || grown < len / 2, "{grown} bytes of {len}");
        drop(lent);
    }
}
