//! Caches, store, limits, eviction. Covers B2, B3, B7, B8, B15, P5, P17, P20.

use crate::support::{LIMIT, within_here};
use std::sync::Barrier;
use std::thread;
use zp::{BufferPool, Eviction};

#[test]
fn without_caches_everything_goes_through_the_store() {
    let pool = BufferPool::builder().tls_cache_size(0).build().unwrap();
    for _ in 0..10 {
        drop(pool.get(4096));
    }
    let stats = pool.stats();
    assert_eq!((stats.local_hits(), stats.shared_hits()), (0, 9));
    assert_eq!((stats.bytes_cached(), stats.bytes_shared()), (0, 4096));
}

#[test]
fn without_a_store_only_threads_keep_buffers() {
    let pool = BufferPool::builder()
        .max_buffers_per_shard(0)
        .tls_cache_size(2)
        .build()
        .unwrap();
    let held = Vec::from_iter((0..10).map(|_| pool.get(4096)));
    drop(held);
    let stats = pool.stats();
    assert_eq!((stats.bytes_cached(), stats.bytes_shared()), (2 * 4096, 0));
    pool.flush_thread_cache();
    assert_eq!(pool.stats().bytes_mapped(), 0);
}

#[test]
fn a_cache_holds_as_many_blocks_of_a_class_as_it_was_told() {
    for size in [1, 5, 40] {
        let pool = BufferPool::builder().tls_cache_size(size).build().unwrap();
        drop(Vec::from_iter((0..100).map(|_| pool.get(4096))));
        let cached = pool.stats().bytes_cached() / 4096;
        assert!(cached <= size && cached > size / 3, "{cached} of {size}");
    }
}

#[test]
fn who_often_returns_keeps_some_and_leaves_them_behind() {
    let pool = BufferPool::builder().tls_cache_size(4).build().unwrap();
    let held = Vec::from_iter((0..300).map(|_| pool.get(4096)));
    let (returned, looked) = (Barrier::new(2), Barrier::new(2));
    within_here(LIMIT, || {
        thread::scope(|s| {
            let returner = s.spawn(|| {
                held.into_iter().for_each(drop);
                returned.wait();
                looked.wait();
            });
            returned.wait();
            // This thread's own slot is empty.
            let cached = pool.stats().bytes_cached() / 4096;
            looked.wait();
            assert!((1..=4).contains(&cached), "{cached}");
            // Not left to the scope, which does not wait for the thread's locals to be destroyed.
            returner.join().unwrap();
        });
    });
    let stats = pool.stats();
    assert_eq!((stats.bytes_cached(), stats.bytes_in_flight()), (0, 0));
}

#[test]
fn what_other_threads_left_in_their_shards_is_found() {
    let pool = BufferPool::builder().shards(16).build().unwrap();
    let (left, done) = (Barrier::new(9), Barrier::new(9));
    within_here(LIMIT, || {
        thread::scope(|s| {
            for _ in 0..8 {
                s.spawn(|| {
                    drop(pool.get(2 << 20));
                    left.wait();
                    done.wait();
                });
            }
            left.wait();
            let made = pool.stats().allocations();
            let held = Vec::from_iter((0..made).map(|_| pool.get(2 << 20)));
            assert_eq!(pool.stats().allocations(), made);
            drop(held);
            done.wait();
        });
    });
}

#[test]
fn preallocated_buffers_are_found_by_every_thread() {
    let pool = BufferPool::new();
    pool.preallocate(10, 64 << 10).unwrap();
    assert_eq!(pool.stats().bytes_shared(), 10 * (64 << 10));
    thread::scope(|s| {
        s.spawn(|| drop(Vec::from_iter((0..10).map(|_| pool.get(64 << 10)))));
    });
    assert_eq!(pool.stats().allocations(), 10);
    pool.preallocate(0, 100).unwrap();
    pool.preallocate(100, 0).unwrap();
    assert_eq!(pool.stats().allocations(), 10);
    assert!(pool.preallocate(1, 17 << 20).is_err());
}

#[test]
fn preallocation_stops_at_the_cap() {
    let pool = BufferPool::builder().max_bytes(64 << 10).build().unwrap();
    let held = pool.get(16 << 10);
    let error = pool.preallocate(4, 16 << 10).unwrap_err();
    assert!(matches!(error, zp::BufError::Exhausted { .. }), "{error}");
    assert!(error.to_string().contains("65536"), "{error}");
    assert_eq!(pool.stats().bytes_mapped(), 64 << 10);
    drop(held);
}

#[test]
fn preallocation_of_more_than_the_cap_makes_nothing() {
    let pool = BufferPool::builder().max_bytes(64 << 10).build().unwrap();
    let error = pool.preallocate(100, 16 << 10).unwrap_err();
    assert!(matches!(error, zp::BufError::TooLarge { .. }), "{error}");
    assert!(error.to_string().contains("65536"), "{error}");
    assert!(pool.preallocate(usize::MAX, 64).is_err());
    assert_eq!(pool.stats().bytes_mapped(), 0);
}

#[test]
fn a_small_request_never_takes_a_huge_block() {
    let pool = BufferPool::new();
    for len in [16 << 20, 1 << 20, 64 << 10] {
        drop(pool.get(len));
    }
    assert!(pool.get(1).capacity() <= 64);
    assert!(pool.get(5000).capacity() <= 6250);
}

const KIB: usize = 1 << 10;

/// How many requests were served from the store, with no caches before it.
fn hits(eviction: Eviction, requests: impl Iterator<Item = usize>) -> u64 {
    let pool = BufferPool::builder()
        .eviction(eviction)
        .max_idle_bytes(300 * KIB)
        .tls_cache_size(0)
        .shards(1)
        .idle_decay(None)
        .build()
        .unwrap();
    requests.for_each(|len| drop(pool.get_uninit(len * KIB)));
    pool.stats().shared_hits()
}

/// A first phase of sizes that nobody wants later, then others for good. Either phase just fits into the store.
fn phases() -> impl Iterator<Item = usize> {
    let first = [80, 96, 112].into_iter().cycle().take(90);
    let second = [4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56].into_iter();
    first.chain(second.cycle().take(1100))
}

/// Round and round over a little more than there is room for.
fn rounds() -> impl Iterator<Item = usize> {
    let sizes = [4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64];
    sizes.into_iter().cycle().take(1200)
}

#[test]
fn when_the_sizes_change_clock_pro_follows() {
    let (lifo, clock) = (
        hits(Eviction::Lifo, phases()),
        hits(Eviction::ClockPro, phases()),
    );
    assert!(clock > lifo + 300, "{clock} hits against {lifo}");
}

#[test]
fn when_the_sizes_go_round_and_round_the_newcomer_should_go() {
    let (lifo, clock) = (
        hits(Eviction::Lifo, rounds()),
        hits(Eviction::ClockPro, rounds()),
    );
    assert!(lifo > clock, "{clock} hits against {lifo}");
    assert!(lifo > 600, "{lifo}");
}
