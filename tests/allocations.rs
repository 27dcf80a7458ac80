//! No heap allocation in steady state (covers E8), counted over all threads. One test: nothing else may allocate
//! meanwhile, the test harness included.
#![allow(unsafe_code)] // A global allocator that counts.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::task::{Context, Poll, Waker};
use support::{Busy, LIMIT, occupy, on_worker, pool, within};

/// The system's allocator, and how often it was asked.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, SeqCst);
        // SAFETY: the caller's obligations are those of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, SeqCst);
        // SAFETY: as above.
        unsafe { System.realloc(ptr, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[zp::task]
fn fill(byte: u8, #[buf(4096)] scratch: &mut [u8]) -> u8 {
    scratch.fill(byte);
    scratch[100]
}

fn joins() {
    for n in 0..100_000 {
        assert_eq!(zp::join(|| n, || n + 1), (n, n + 1));
    }
}

fn join_tree(depth: usize) -> usize {
    if depth == 0 {
        return 1;
    }
    let (a, b, c) = zp::join!(join_tree(depth - 1), join_tree(depth - 1), 0);
    a + b + c
}

fn join_trees() {
    for _ in 0..50 {
        assert_eq!(join_tree(10), 1 << 10);
    }
}

fn scopes() {
    for round in 0..1000 {
        let mut out = [0; 100];
        zp::scope(|s| {
            for (n, slot) in out.iter_mut().enumerate() {
                s.spawn_into(move || n + round, slot);
            }
        });
        assert!(out.iter().enumerate().all(|(n, &x)| x == n + round));
    }
}

fn handles() {
    for n in 0..20_000 {
        assert_eq!(zp::scope(|s| s.spawn(|| n).join()), n);
        assert_eq!(zp::spawn(move || n).wait().unwrap(), n);
    }
}

fn polled_handles() {
    let cx = &mut Context::from_waker(Waker::noop());
    for n in 0..20_000 {
        let mut handle = zp::spawn(move || n);
        let result = match Pin::new(&mut handle).poll(cx) {
            Poll::Ready(result) => result,
            // The waker stays until somebody has run the task, or this thread does.
            Poll::Pending => handle.wait(),
        };
        assert_eq!(result.unwrap(), n);
    }
}

fn lanes() {
    let high = zp::SpawnOptions::new().priority(zp::Priority::High);
    let low = zp::SpawnOptions::new().priority(zp::Priority::Low);
    for n in 0..20_000 {
        let hint = zp::SpawnOptions::new().on_worker(n % 2);
        assert_eq!(zp::scope(|s| s.spawn_with(|| n, high).join()), n);
        assert_eq!(zp::scope(|s| s.spawn_with(|| n, hint).join()), n);
        zp::scope(|s| {
            s.spawn_with(|| n, low);
            s.spawn_with(|| n, high);
        });
    }
}

fn buffers() {
    for byte in 0..20_000 {
        let byte = byte as u8;
        assert_eq!(zp::scope(|s| s.spawn(fill { byte }).join()), byte);
        assert_eq!(zp::join!(fill(byte, _), fill(1, _)), (byte, 1));
    }
}

fn batches() {
    let mut out = [0; 1000];
    let mut items = [1_u8; 300];
    for round in 0..500 {
        zp::times(1000, |i| i + round).write_to(&mut out);
        assert_eq!(
            zp::map(&out, |x| *x).reduce(0, |a, b| a + b),
            499_500 + 1000 * round
        );
        zp::chunks(&mut items, 7, |chunk| chunk.fill(0)).run();
        zp::scope(|s| {
            let batch = s.spawn_batch(zp::times(1000, |i| i * 2).into_slots(&mut out));
            assert!(batch.progress().done <= 1000);
        });
        assert_eq!(out[999], 1998);
        out.reverse();
        zp::sort_unstable(&mut out);
        assert!(out.is_sorted());
    }
}

/// As many slots as need no memory of their own, and writes that are refused.
fn shared_slots() {
    for round in 0..200 {
        let mut out = [0; 1024];
        let slots = zp::Slots::new(&mut out);
        zp::scope(|s| {
            for part in 0..32 {
                let slots = &slots;
                s.spawn(move || {
                    for n in (part..1025).step_by(32) {
                        assert_eq!(slots.write(n, n + round).is_ok(), n < 1024);
                    }
                });
            }
        });
        assert_eq!(slots.written(), 1024);
        assert!(out.iter().enumerate().all(|(n, &x)| x == n + round));
    }
}

/// Runs `work` for the memory it needs at most: once with all other threads busy, when whatever the calling thread
/// leaves behind for them piles up, and a few times with all of them taking part.
fn warm_up(work: fn(), busy: impl Fn() -> Busy) {
    let others = busy();
    work();
    drop(others);
    for _ in 0..3 {
        work();
    }
}

/// Lends a buffer to each of the pool's own threads, which may have been too late for all others: what a thread keeps
/// for itself is made on its first use.
fn introduce(pool: &zp::Pool) {
    let all = Arc::new(Barrier::new(pool.workers()));
    let first = || {
        let all = Arc::clone(&all);
        pool.spawn(move || {
            all.wait();
            zp::join!(fill(1, _));
        })
    };
    let mut handles: Vec<_> = (0..pool.workers()).map(|_| first()).collect();
    for handle in &mut handles {
        while handle.wait_timeout(LIMIT).is_none() {}
    }
}

#[track_caller]
fn assert_no_allocation(what: &str, work: fn()) {
    let before = ALLOCATIONS.load(SeqCst);
    work();
    let count = ALLOCATIONS.load(SeqCst) - before;
    assert_eq!(count, 0, "{count} allocations in {what}");
}

#[test]
#[cfg_attr(miri, ignore = "counts far too small to reach a steady state")]
fn steady_state_allocates_nothing() {
    within(LIMIT, || {
        let work: [(&str, fn()); 9] = [
            ("joins", joins),
            ("trees of joins", join_trees),
            ("scopes", scopes),
            ("shared slots", shared_slots),
            ("handles", handles),
            ("polled handles", polled_handles),
            ("lanes", lanes),
            ("buffers", buffers),
            ("batches", batches),
        ];
        for workers in [1, 2] {
            let pool = pool(workers);
            introduce(&pool);
            for (what, work) in work {
                pool.install(|| {
                    warm_up(work, || occupy(&pool, workers));
                    assert_no_allocation(&format!("{what} from outside, {workers} workers"), work);
                });
                let inner = pool.clone();
                on_worker(&pool, move || {
                    warm_up(work, || occupy(&inner, workers - 1));
                    assert_no_allocation(&format!("{what} inside, {workers} workers"), work);
                });
            }
        }
    });
}
