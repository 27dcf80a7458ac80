//! Limits: the cap for small pools, what may rest, what decays. Covers B7, B11.

use super::*;
use crate::BufError;
use crate::sync::thread;
use std::time::Duration;

/// A request of no more than the cap can be had, whatever its class's span.
#[test]
fn a_request_within_a_small_cap_is_not_too_large() {
    let step = if cfg!(miri) { 1999 } else { 61 };
    let mut refused = Vec::new();
    for cap in [4096, 8192, 16_384, 20_480, 36_864] {
        let pool = BufferPool::builder().max_bytes(cap).build().unwrap();
        for len in (1..=cap).step_by(step).chain([cap]) {
            if let Err(error @ BufError::TooLarge { .. }) = pool.try_get(len) {
                refused.push((cap, len, error.to_string()));
            }
        }
    }
    assert!(
        refused.is_empty(),
        "{} lengths refused; first {:?}",
        refused.len(),
        refused.first()
    );
}

/// A configuration that passes the checks can lend something.
#[test]
fn a_pool_that_could_be_built_can_lend() {
    let pool = BufferPool::builder()
        .max_bytes(5000)
        .min_buffer_size(4096)
        .build()
        .unwrap();
    assert!(pool.try_get(1).is_ok(), "{}", pool.try_get(1).unwrap_err());
}

/// The limits of what rests hold again when nothing is lent any more.
// What it does with memory, others do under Miri.
#[cfg(not(miri))]
#[test]
fn the_limits_hold_after_a_burst_that_was_fragmented() {
    let pool = BufferPool::builder()
        .shards(1)
        .tls_cache_size(0)
        .max_buffers_per_shard(64)
        .max_idle_bytes(64 << 10)
        .idle_decay(None)
        .build()
        .unwrap();
    let spans = 200;
    let mut burst = Vec::from_iter((0..spans * 64).map(|_| pool.get_uninit(64)));
    // One of each span stays lent; the others come back.
    let mut pinned = Vec::new();
    for i in (0..burst.len()).rev() {
        if i % 64 == 0 {
            pinned.push(burst.swap_remove(i));
        }
    }
    drop(burst);
    drop(pinned);
    for _ in 0..10 {
        drop(pool.get_uninit(64));
    }
    let stats = pool.stats();
    assert_eq!(stats.bytes_in_flight(), 0);
    assert!(
        stats.bytes_shared() <= 64 << 10,
        "{} bytes rest, {} may",
        stats.bytes_shared(),
        64 << 10
    );
}

/// What is fragmented in one class does not make the blocks of another go to the system each time.
#[test]
fn a_fragmented_class_does_not_take_the_room_of_another() {
    let pool = BufferPool::builder()
        .shards(1)
        .tls_cache_size(0)
        .max_buffers_per_shard(64)
        .idle_decay(None)
        .build()
        .unwrap();
    let spans = if cfg!(miri) { 3 } else { 10 };
    let mut burst = Vec::from_iter((0..spans * 64).map(|_| pool.get_uninit(64)));
    let mut pinned = Vec::new();
    for i in (0..burst.len()).rev() {
        if i % 64 == 0 {
            pinned.push(burst.swap_remove(i));
        }
    }
    drop(burst);
    let before = pool.stats().allocations();
    for _ in 0..if cfg!(miri) { 60 } else { 100 } {
        drop(pool.get_uninit(4096));
    }
    let made = pool.stats().allocations() - before;
    assert!(made < 50, "loans of one size took {made} allocations");
}

#[test]
fn preallocation_makes_room_of_what_rests() {
    let pool = BufferPool::builder().max_bytes(1 << 20).build().unwrap();
    drop(pool.get(1 << 20));
    assert_eq!(pool.stats().bytes_in_flight(), 0);
    let made = pool.preallocate(1, 4096);
    assert!(made.is_ok(), "{}", made.unwrap_err());
}

/// F5: `idle_decay`: "what was not needed for so long goes back to the system".
// Miri's clock runs with the instructions it interprets.
#[cfg(not(miri))]
#[test]
fn what_is_idle_goes_back_though_only_cached_buffers_are_used() {
    let pool = BufferPool::builder()
        .idle_decay(Duration::from_millis(1))
        .build()
        .unwrap();
    drop(Vec::from_iter((0..20).map(|_| pool.get_uninit(65_536))));
    let after_burst = pool.stats().bytes_mapped();
    for _ in 0..2000 {
        drop(pool.get(65_536));
        thread::sleep(Duration::from_micros(200));
    }
    let now = pool.stats().bytes_mapped();
    assert!(now < after_burst, "still {now} bytes");
}

/// A thread that uses pools by turns looks after each of them.
#[cfg(not(miri))]
#[test]
fn what_is_idle_goes_back_in_each_of_several_pools_used_by_turns() {
    for count in [2, 3, 4] {
        let pools = Vec::from_iter((0..count).map(|_| {
            BufferPool::builder()
                .tls_cache_size(0)
                .idle_decay(Duration::from_millis(1))
                .build()
                .unwrap()
        }));
        for pool in &pools {
            drop(Vec::from_iter((0..20).map(|_| pool.get_uninit(65_536))));
        }
        for _ in 0..1000 {
            for pool in &pools {
                drop(pool.get_uninit(65_536));
            }
            thread::sleep(Duration::from_micros(100));
        }
        for pool in &pools {
            let now = pool.stats().bytes_mapped();
            assert!(
                now < 20 * 65_536,
                "of {count} pools one still has {now} bytes"
            );
        }
    }
}

/// An eviction of small blocks looks through all that rest, so there must not be one for each span that is too much.
// Many small blocks take minutes under Miri.
#[cfg(not(miri))]
#[test]
fn a_burst_of_small_blocks_beyond_the_limit_takes_few_evictions() {
    let pages = 64;
    let pool = BufferPool::builder()
        .shards(1)
        .max_buffers_per_shard(pages)
        .idle_decay(None)
        .build()
        .unwrap();
    let blocks = 8 * pages * 64;
    drop(Vec::from_iter((0..blocks).map(|_| pool.get_uninit(64))));
    let stats = pool.stats();
    assert!(stats.bytes_shared() <= pages * 4096);
    // 7 times as much as may rest is too much, and each time a 16th of that goes back.
    let evictions = stats.evictions();
    assert!((1..=224).contains(&evictions), "{evictions}");
}

#[test]
fn a_very_long_time_out_does_not_spin() {
    let pool = BufferPool::builder().max_bytes(4096).build().unwrap();
    let held = pool.get(4096);
    thread::scope(|s| {
        let waiter = s.spawn(|| pool.get_timeout(1, Duration::from_secs(1 << 60)).unwrap());
        while pool.stats().waits() == 0 {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(200));
        drop(held);
        drop(waiter.join().unwrap());
    });
    let stats = pool.stats();
    assert_eq!((stats.waits(), stats.timeouts()), (1, 0));
}

/// One block too many costs about one span, not all of the class.
// What it does with memory, others do under Miri.
#[cfg(not(miri))]
#[test]
fn eviction_of_small_blocks_frees_no_more_than_is_too_much() {
    // 64 of these blocks share a page, and count as one.
    let (pages, blocks, rounds) = (16, 1100, 20);
    let pool = BufferPool::builder()
        .shards(1)
        .max_buffers_per_shard(pages)
        .idle_decay(None)
        .build()
        .unwrap();
    let burst = || drop(Vec::from_iter((0..blocks).map(|_| pool.get_uninit(64))));
    burst();
    assert!(pool.stats().evictions() > 0);
    let before = pool.stats().allocations();
    for _ in 0..rounds {
        burst();
    }
    let each = (pool.stats().allocations() - before) / rounds;
    // About 76 are too many: 2 spans, perhaps 3.
    assert!(each <= 256, "{each} blocks were made anew in each round");
}

/// A request that what is lent makes impossible leaves what rests alone.
#[test]
fn a_request_that_must_fail_does_not_empty_the_store() {
    let pool = BufferPool::builder().max_bytes(64 << 20).build().unwrap();
    let _held = pool.get(4096);
    drop(Vec::from_iter((0..20).map(|_| pool.get_uninit(1 << 20))));
    let before = pool.stats().bytes_shared();
    assert!(pool.try_get(64 << 20).is_err());
    let after = pool.stats().bytes_shared() + pool.stats().bytes_cached();
    assert!(
        after >= before / 2,
        "{before} bytes rested, {after} are left"
    );
}

/// F12: `max_idle_bytes` holds after a decay has moved what idle threads cached.
#[test]
fn what_idle_threads_cached_counts_against_the_limit_when_it_is_moved() {
    let pool = BufferPool::builder()
        .shards(1)
        .max_idle_bytes(0)
        .idle_decay(Duration::from_millis(1))
        .build()
        .unwrap();
    let (filled, done) = (std::sync::Barrier::new(5), std::sync::Barrier::new(5));
    let mut most = 0;
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                drop(Vec::from_iter((0..7).map(|_| pool.get_uninit(65_536))));
                filled.wait();
                done.wait();
            });
        }
        filled.wait();
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(2));
            pool.handle.home().decay();
            most = most.max(pool.stats().bytes_shared());
        }
        done.wait();
    });
    assert_eq!(most, 0, "bytes rest in the store");
}

/// Not only the cap bounds what can be made beforehand.
#[test]
fn preallocation_of_more_than_there_can_be_makes_nothing() {
    let pool = BufferPool::new();
    for (count, size) in [
        (usize::MAX, 1),
        (usize::MAX, 4096),
        (usize::MAX / 4096, 16 << 20),
    ] {
        let error = pool.preallocate(count, size).unwrap_err();
        assert!(matches!(error, BufError::TooLarge { .. }), "{error}");
    }
    assert_eq!(pool.stats().allocations(), 0);
}
