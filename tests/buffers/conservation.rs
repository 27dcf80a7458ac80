//! Every block is somewhere, and only there. Covers B9, B18, P7, P9, P10 to P12, P19.

use crate::support::{LIMIT, times, within_here};
use std::collections::{HashSet, VecDeque};
use std::sync::mpsc;
use std::thread;
use zp::{Buf, BufferPool, BufferStats};

/// What must hold of a pool that nobody uses.
fn check_at_rest(stats: &BufferStats) {
    assert_eq!(
        stats.bytes_mapped(),
        stats.bytes_cached() + stats.bytes_shared() + stats.bytes_in_flight()
    );
    assert!(stats.peak_bytes() >= stats.bytes_mapped());
    assert!(stats.allocations() >= stats.discards());
    assert!(stats.timeouts() <= stats.waits());
}

#[test]
fn the_counts_are_exact_at_rest() {
    let pool = BufferPool::new();
    let lens = [100, 4096, 5000, 64 << 10, 1 << 20, 2 << 20, 17 << 20];
    let rounds = times(20, 3) as u64;
    for _ in 0..rounds {
        for len in lens {
            pool.get(len)[0] = 1;
        }
    }
    let stats = pool.stats();
    check_at_rest(&stats);
    assert_eq!(stats.bytes_in_flight(), 0);
    assert_eq!(stats.returns(), rounds * lens.len() as u64);
    // The largest is never pooled; two are not kept by threads.
    let local = (rounds - 1) * 5;
    assert_eq!(
        (stats.local_hits(), stats.shared_hits()),
        (local, rounds - 1)
    );
    // One block each, except of the sizes that do not fill pages: those come several at a time.
    let (small, odd, others, unpooled) = (32, 4, 4, rounds);
    assert_eq!(stats.allocations(), small + odd + others + unpooled);
    assert_eq!(stats.discards(), rounds);
    assert_eq!(stats.evictions() + stats.waits() + stats.lock_failures(), 0);

    let held = pool.get(64 << 10);
    assert_eq!(pool.stats().bytes_in_flight(), held.capacity());
    drop(held);
    check_at_rest(&pool.stats());
}

#[test]
fn the_counts_never_go_down() {
    let pool = BufferPool::builder()
        .max_idle_bytes(1 << 20)
        .build()
        .unwrap();
    let counts = |stats: BufferStats| {
        [
            stats.local_hits(),
            stats.shared_hits(),
            stats.allocations(),
            stats.returns(),
            stats.discards(),
            stats.evictions(),
        ]
    };
    let mut before = counts(pool.stats());
    let mut held = VecDeque::new();
    for round in 0..times(500, 3) {
        held.push_back(pool.get(1 + round * 977 % 100_000));
        if held.len() > 20 {
            held.pop_front();
        }
        if round % 50 == 0 {
            pool.trim();
        }
        let now = counts(pool.stats());
        assert!(before.iter().zip(&now).all(|(before, now)| before <= now));
        before = now;
    }
}

#[test]
fn after_all_threads_have_ended_nothing_is_cached() {
    let pool = BufferPool::new();
    for _ in 0..times(20, 3) {
        let threads = Vec::from_iter((0..3).map(|_| {
            let pool = pool.clone();
            thread::spawn(move || {
                let held = Vec::from_iter([100, 4096, 64 << 10].map(|len| pool.get(len)));
                drop(held);
                assert!(pool.stats().bytes_cached() > 0);
            })
        }));
        for thread in threads {
            thread.join().unwrap();
        }
    }
    let stats = pool.stats();
    assert_eq!((stats.bytes_cached(), stats.bytes_in_flight()), (0, 0));
    // What one thread left, the next has found.
    assert!(stats.allocations() <= 3 * (32 + 1 + 1), "{stats}");
    check_at_rest(&stats);
}

#[test]
fn two_pools_on_one_thread_do_not_disturb_each_other() {
    let (one, other) = (BufferPool::new(), BufferPool::new());
    let mut addresses = [HashSet::new(), HashSet::new()];
    for _ in 0..times(100, 3) {
        for (pool, addresses) in [&one, &other].into_iter().zip(&mut addresses) {
            addresses.insert(pool.get(4096).as_ptr().addr());
        }
    }
    assert!(addresses[0].is_disjoint(&addresses[1]));
    for pool in [one, other] {
        assert_eq!(pool.stats().allocations(), 1);
        assert_eq!(pool.stats().local_hits(), times(100, 3) as u64 - 1);
    }
}

#[test]
fn a_buffer_goes_home_to_its_own_pool() {
    let (one, other) = (BufferPool::new(), BufferPool::new());
    other.put(one.get(4096));
    assert_eq!(one.stats().bytes_cached(), 4096);
    assert_eq!(other.stats().returns(), 0);
}

#[test]
fn producer_and_consumer_need_a_fixed_number_of_buffers() {
    let pool = BufferPool::new();
    let (to_consumer, inbox) = mpsc::sync_channel::<Buf>(4);
    within_here(LIMIT, || {
        thread::scope(|s| {
            s.spawn(move || inbox.iter().for_each(drop));
            for _ in 0..times(5000, 3) {
                to_consumer.send(pool.get(64 << 10)).unwrap();
            }
            drop(to_consumer);
        });
    });
    // Four in the channel, one in each hand, one between them, and what the two threads keep.
    assert!(pool.stats().allocations() <= 7 + 2 * 8, "{}", pool.stats());
}

#[test]
fn no_two_buffers_share_a_byte() {
    let pool = BufferPool::new();
    let lens = [1, 64, 100, 300, 5000, 6000, 4096, 70_000];
    let mut held = Vec::from_iter(lens.iter().cycle().take(400).map(|&len| pool.get(len)));
    for buf in &mut held {
        buf.resize(buf.capacity());
    }
    let mut ranges = Vec::from_iter(held.iter().map(|buf| buf.as_ptr_range()));
    ranges.sort_by_key(|range| range.start);
    assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
}

#[test]
fn address_length_and_capacity_are_as_asked_for() {
    for alignment in [64, 4096, 2 << 20] {
        let pool = BufferPool::builder().alignment(alignment).build().unwrap();
        for len in [
            1,
            63,
            64,
            65,
            4095,
            4096,
            4097,
            1 << 20,
            (1 << 20) + 1,
            16 << 20,
            (16 << 20) + 1,
        ] {
            let buf = pool.get(len);
            assert_eq!(buf.len(), len);
            assert!(buf.capacity() >= len);
            assert!(buf.as_ptr().addr().is_multiple_of(alignment), "{len}");
            let slack = buf.capacity() - len;
            assert!(slack <= (len / 4).max(alignment - 1), "{len}: {slack}");
        }
    }
}

#[test]
fn the_least_size_holds_in_every_tier() {
    let pool = BufferPool::builder().min_buffer_size(4096).build().unwrap();
    drop(pool.get(1));
    // The same block serves both.
    assert_eq!(pool.get(4096).len(), 4096);
    assert_eq!(pool.get(10).capacity(), 4096);
    assert_eq!(pool.stats().allocations(), 1);
    pool.flush_thread_cache();
    assert_eq!(pool.get(10).capacity(), 4096);
    assert_eq!(pool.stats().shared_hits(), 1);
}
