//! Joins nested very deep need no more stack than the same recursion without them, times a small factor, whatever is
//! stolen meanwhile (covers E12).

use crate::support::{LIMIT, on_worker, times, within, work};
use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// What one level may need beyond the plain recursion: the frames of a join. Generous without optimisation, where it
/// is up to 4000 bytes where each level makes an offer, and more under a sanitizer.
const BYTES_PER_JOIN: usize = if cfg!(debug_assertions) { 4096 } else { 1024 };

/// What the waits of a thread may add in all: each steals at most a bounded number of times on top of another.
const BYTES_FOR_WAITS: usize = 1 << 20;

const STACK_SIZE: usize = 1 << 30;

thread_local! {
    static TOP: Cell<usize> = const { Cell::new(0) };
}

/// Where the stack of the calling thread ends now.
#[inline(never)]
fn stack_pointer() -> usize {
    let here = 0_u8;
    black_box(&raw const here).addr()
}

/// The deepest stack of any thread.
#[derive(Debug, Default)]
struct Depth(AtomicUsize);

impl Depth {
    fn record(&self) {
        let here = stack_pointer();
        let top = TOP.get();
        if top < here {
            TOP.set(here);
        } else {
            self.0.fetch_max(top - here, SeqCst);
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Side {
    First,
    Second,
    /// Now this arm, now that one.
    Both,
}

#[inline(never)]
fn plain(levels: usize, depth: &Depth) -> usize {
    if levels == 0 {
        depth.record();
        return 0;
    }
    let leaf = black_box(1);
    let rest = plain(levels - 1, depth);
    black_box(leaf + rest)
}

#[inline(never)]
fn chain(side: Side, levels: usize, depth: &Depth) -> usize {
    if levels == 0 || levels.is_multiple_of(1000) {
        depth.record();
    }
    if levels == 0 {
        return 0;
    }
    let first = match side {
        Side::First => true,
        Side::Second => false,
        Side::Both => levels.is_multiple_of(3),
    };
    let leaf = || {
        work(if levels.is_multiple_of(100) { 2000 } else { 0 });
        1
    };
    let (a, b) = if first {
        zp::join(|| chain(side, levels - 1, depth), leaf)
    } else {
        zp::join(leaf, || chain(side, levels - 1, depth))
    };
    a + b
}

fn bytes(run: impl FnOnce(&Depth) + Send + 'static) -> usize {
    let depth = Arc::new(Depth::default());
    let inside = Arc::clone(&depth);
    let thread = thread::Builder::new()
        .stack_size(STACK_SIZE)
        .spawn(move || {
            TOP.set(stack_pointer());
            run(&inside);
        });
    thread.unwrap().join().unwrap();
    depth.0.load(SeqCst)
}

fn levels() -> usize {
    times(100_000, 30)
}

fn pool(workers: usize) -> zp::Pool {
    zp::Pool::builder()
        .workers(workers)
        .stack_size(STACK_SIZE)
        .on_thread_start(|_| TOP.set(stack_pointer()))
        .build()
        .unwrap()
}

#[track_caller]
fn assert_bounded(used: usize) {
    if cfg!(miri) {
        return;
    }
    let plain = bytes(|depth| assert_eq!(plain(levels(), depth), levels()));
    assert!(plain > levels(), "the plain recursion was optimised away");
    let limit = plain + levels() * BYTES_PER_JOIN + BYTES_FOR_WAITS;
    println!(
        "plain {} bytes a level, joined {}",
        plain / levels(),
        used / levels()
    );
    assert!(
        used <= limit,
        "{used} bytes of stack, at most {limit} expected"
    );
}

fn deep(side: Side) {
    for workers in [1, 2, 4] {
        let outside = pool(workers);
        let used = bytes(move |depth| {
            let sum = outside.install(|| chain(side, levels(), depth));
            assert_eq!(sum, levels());
        });
        assert_bounded(used);

        let depth = Arc::new(Depth::default());
        let inside = Arc::clone(&depth);
        let sum = on_worker(&pool(workers), move || chain(side, levels(), &inside));
        assert_eq!(sum, levels());
        assert_bounded(depth.0.load(SeqCst));
    }
}

#[test]
fn a_chain_in_first_arms() {
    within(LIMIT, || deep(Side::First));
}

#[test]
fn a_chain_in_second_arms() {
    within(LIMIT, || deep(Side::Second));
}

#[test]
fn a_chain_in_changing_arms() {
    within(LIMIT, || deep(Side::Both));
}

fn waits(n: usize, depth: &Depth) -> usize {
    depth.record();
    if n == 0 {
        return 1;
    }
    // The second arm, which others steal, is the large one: everybody waits for somebody all the time.
    let (a, b) = zp::join(
        || waits(n / 4, depth),
        || {
            work(30);
            waits(n - n / 4 - 1, depth)
        },
    );
    a + b
}

#[test]
fn threads_that_wait_for_each_other_pile_up_no_frames() {
    within(LIMIT, || {
        let pool = pool(6);
        let used = bytes(move |depth| {
            for _ in 0..times(30, 1) {
                assert!(pool.install(|| waits(times(2000, 20), depth)) > 1);
            }
        });
        // The recursion itself is some twenty levels deep.
        assert!(
            cfg!(miri) || used < BYTES_FOR_WAITS,
            "{used} bytes of stack"
        );
    });
}

#[test]
fn a_chain_of_scopes_is_as_deep_as_it_is_nested() {
    fn scopes(levels: usize, depth: &Depth) -> usize {
        if levels == 0 {
            depth.record();
            return 0;
        }
        let mut rest = 0;
        zp::scope(|s| {
            s.spawn_into(|| scopes(levels - 1, depth), &mut rest);
        });
        rest + 1
    }
    within(LIMIT, || {
        let levels = times(5_000, 10);
        for workers in [1, 3] {
            let pool = pool(workers);
            let used = bytes(move |depth| {
                assert_eq!(pool.install(|| scopes(levels, depth)), levels);
            });
            assert!(
                used <= levels * 2 * BYTES_PER_JOIN + BYTES_FOR_WAITS,
                "{used} bytes"
            );
        }
    });
}
