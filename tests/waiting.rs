//! A thread that waits runs only what it waits for (covers E3): a lock held across a join, a scope or a handle's join
//! meets no unrelated work.

use crate::support::{Gate, LIMIT, on_worker, pool, times, within, work};
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::thread;
use std::time::Duration;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static SCRATCH: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Marks the thread as inside something that must not be entered again on the same thread.
fn exclusive<R>(f: impl FnOnce() -> R) -> R {
    assert!(
        !INSIDE.replace(true),
        "a stranger runs on a thread that waits"
    );
    let result = f();
    INSIDE.set(false);
    result
}

fn leaves(n: u64) -> u64 {
    if n < 2 {
        work(50);
        return n;
    }
    let (a, b) = zp::join!(leaves(n / 2), leaves(n - n / 2));
    a + b
}

fn leaves_in_scopes(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let (mut a, b) = (0, n - n / 2);
    let b = zp::scope(|s| {
        s.spawn_into(|| leaves_in_scopes(n / 2), &mut a);
        s.spawn(move || leaves_in_scopes(b)).join()
    });
    a + b
}

/// Runs `f` many times as tasks of one scope, on pools of several sizes.
fn crowd(f: impl Fn() + Sync) {
    for workers in [1, 2, 3, 6] {
        let pool = pool(workers);
        pool.scope(|s| {
            for _ in 0..times(200, 4) {
                s.spawn(&f);
            }
        });
    }
}

#[test]
fn a_mutex_held_across_a_join_meets_no_unrelated_work() {
    // The shape of rayon-rs/rayon#592.
    within(LIMIT, || {
        let total = Mutex::new(0);
        crowd(|| {
            let mut total = total.lock().unwrap();
            *total += exclusive(|| leaves(20));
        });
        assert_eq!(*total.lock().unwrap(), 4 * 20 * times(200, 4) as u64);
    });
}

#[test]
fn a_mutex_held_across_a_scope_meets_no_unrelated_work() {
    within(LIMIT, || {
        let total = Mutex::new(0);
        crowd(|| {
            let mut total = total.lock().unwrap();
            *total += exclusive(|| leaves_in_scopes(8));
        });
    });
}

#[test]
fn a_mutex_held_across_a_handles_join_meets_no_unrelated_work() {
    within(LIMIT, || {
        let total = Mutex::new(0);
        crowd(|| {
            let mut total = total.lock().unwrap();
            *total += exclusive(|| zp::spawn(|| leaves(8)).wait().unwrap());
        });
    });
}

#[test]
fn a_once_lock_is_initialised_by_a_join() {
    // The shape of rayon-rs/rayon#1251: an outer job that is stolen inside the initialiser would enter it again.
    within(LIMIT, || {
        for _ in 0..times(20, 1) {
            let cell = OnceLock::new();
            crowd(|| {
                let value = *cell.get_or_init(|| exclusive(|| leaves(64)));
                assert_eq!(value, 64);
            });
        }
    });
}

#[test]
fn a_write_lock_held_across_a_join_meets_no_reader_on_its_thread() {
    within(LIMIT, || {
        let table = RwLock::new(0);
        let turn = AtomicUsize::new(0);
        crowd(|| {
            if turn.fetch_add(1, SeqCst).is_multiple_of(4) {
                let mut table = table.write().unwrap();
                *table += exclusive(|| leaves(16));
            } else {
                let table = table.read().unwrap();
                let (a, b) = zp::join!(*table % 16, leaves(4));
                assert_eq!((a, b), (0, 4));
            }
        });
    });
}

#[test]
fn a_thread_local_borrowed_across_a_join_is_not_borrowed_again() {
    within(LIMIT, || {
        crowd(|| {
            SCRATCH.with_borrow_mut(|scratch| {
                scratch.push(leaves(16));
                scratch.clear();
            });
        });
    });
}

#[test]
fn joins_that_queue_behind_a_lock_in_a_tree() {
    fn tree(lock: &Mutex<u64>, depth: u32) {
        if depth == 0 {
            *lock.lock().unwrap() += exclusive(|| leaves(6));
        } else {
            zp::join!(tree(lock, depth - 1), tree(lock, depth - 1));
        }
    }
    within(LIMIT, || {
        for workers in [1, 2, 4] {
            let lock = Mutex::new(0);
            let depth = times(9, 3) as u32;
            pool(workers).install(|| tree(&lock, depth));
            assert_eq!(*lock.lock().unwrap(), 6 << depth);
        }
    });
}

/// Two workers: one waits, by `wait`, for a short child that the other one runs. Strangers are queued everywhere
/// meanwhile. Whoever ran a stranger would keep the waiting task for as long as the stranger likes (rayon-rs/rayon#957).
fn no_stranger_runs_while(wait: fn(&Child)) {
    let pool = pool(2);
    let child = Arc::new(Child::default());
    let parent = Arc::clone(&child);
    let outside = pool.clone();
    let mut task = pool.spawn(move || {
        wait(&parent);
        assert!(parent.ended.load(SeqCst));
    });
    child.begun.wait();
    // One worker waits, the other one is at the child: no thread is left for these until the child has ended.
    let strangers: Vec<_> = (0..20)
        .map(|_| {
            let child = Arc::clone(&child);
            outside.spawn(move || child.ended.load(SeqCst))
        })
        .collect();
    thread::sleep(Duration::from_millis(20));
    child.release.open();
    while task.wait_timeout(LIMIT).is_none() {}
    for mut stranger in strangers {
        let after_the_child = loop {
            if let Some(result) = stranger.wait_timeout(LIMIT) {
                break result.unwrap();
            }
        };
        assert!(after_the_child, "a stranger ran on the thread that waits");
    }
}

#[derive(Default)]
struct Child {
    begun: Gate,
    release: Gate,
    ended: AtomicBool,
}

impl Child {
    fn run(&self) {
        self.begun.open();
        self.release.wait();
        self.ended.store(true, SeqCst);
    }
}

#[test]
fn no_stranger_runs_while_a_join_waits() {
    within(LIMIT, || {
        no_stranger_runs_while(|child| {
            zp::join!(child.begun.wait(), child.run());
        });
    });
}

#[test]
fn no_stranger_runs_while_a_handle_waits() {
    within(LIMIT, || {
        no_stranger_runs_while(|child| {
            zp::scope(|s| {
                let handle = s.spawn(|| child.run());
                child.begun.wait();
                handle.join();
            });
        });
    });
}

#[test]
fn no_stranger_runs_while_a_scope_ends() {
    within(LIMIT, || {
        no_stranger_runs_while(|child| {
            zp::scope(|s| {
                s.spawn(|| child.run());
                child.begun.wait();
            });
        });
    });
}

#[test]
fn no_stranger_runs_while_a_caller_from_outside_waits() {
    within(LIMIT, || {
        // The caller's own child runs on the only worker; strangers are queued; the caller waits in its scope.
        let pool = pool(1);
        let child = Child::default();
        let me = thread::current().id();
        let met_a_stranger = Arc::new(AtomicBool::new(false));
        thread::scope(|threads| {
            pool.scope(|s| {
                s.spawn(|| child.run());
                child.begun.wait();
                for _ in 0..20 {
                    let met = Arc::clone(&met_a_stranger);
                    drop(pool.spawn(move || met.fetch_or(thread::current().id() == me, SeqCst)));
                }
                threads.spawn(|| {
                    thread::sleep(Duration::from_millis(20));
                    child.release.open();
                });
            });
        });
        pool.wait_idle();
        assert!(!met_a_stranger.load(SeqCst));
    });
}

#[test]
fn a_waiting_worker_helps_with_what_it_waits_for() {
    within(LIMIT, || {
        // The stolen arm forks again and only goes on when that fork runs: nobody but the waiting thread can do it.
        let pool = pool(2);
        for _ in 0..times(100, 2) {
            on_worker(&pool, || {
                let (begun, helped) = (Gate::new(), Gate::new());
                zp::join!(begun.wait(), {
                    begun.open();
                    zp::join!(helped.wait(), helped.open());
                });
            });
        }
    });
}
