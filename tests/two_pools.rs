//! Two pools used from each other's tasks, nested several levels.

use crate::support::{LIMIT, on_worker, pool, times, within};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// Goes to and fro between the pools, in a scope on one side and in a join on the other.
fn ping(depth: usize, here: &zp::Pool, there: &zp::Pool) -> usize {
    if depth == 0 {
        return 1;
    }
    let (mut a, b) = (0, depth - 1);
    here.scope(|s| {
        s.spawn_into(|| ping(b, there, here), &mut a);
        s.spawn(move || ping(b, there, here)).join() + there.install(|| zp::join!(1, 2)).0 - 1
    }) + a
}

#[test]
fn tasks_of_two_pools_wait_for_each_other() {
    within(LIMIT, || {
        let depth = times(9, 3);
        for (a, b) in [(1, 1), (1, 2), (2, 2), (3, 1)] {
            let (a, b) = (pool(a), pool(b));
            assert_eq!(ping(depth, &a, &b), 1 << depth);
            let (inner_a, inner_b) = (a.clone(), b.clone());
            assert_eq!(
                on_worker(&a, move || ping(depth, &inner_b, &inner_a)),
                1 << depth
            );
        }
    });
}

#[test]
fn owned_tasks_of_two_pools_wait_for_each_other() {
    fn owned(depth: usize, here: &zp::Pool, there: &zp::Pool) -> usize {
        if depth == 0 {
            return 1;
        }
        let spawn = || {
            let (here, there) = (there.clone(), here.clone());
            here.clone().spawn(move || owned(depth - 1, &here, &there))
        };
        let (a, b) = (spawn(), spawn());
        a.wait().unwrap() + b.wait().unwrap()
    }
    within(LIMIT, || {
        let (a, b) = (pool(1), pool(1));
        let depth = times(8, 3);
        assert_eq!(owned(depth, &a, &b), 1 << depth);
        let (inner_a, inner_b) = (a.clone(), b.clone());
        assert_eq!(
            on_worker(&b, move || owned(depth, &inner_a, &inner_b)),
            1 << depth
        );
    });
}

#[test]
fn both_pools_are_entered_from_both_sides_at_once() {
    within(LIMIT, || {
        let (a, b) = (pool(2), pool(2));
        thread::scope(|threads| {
            for n in 0..4 {
                let (here, there) = if n % 2 == 0 { (&a, &b) } else { (&b, &a) };
                threads.spawn(move || {
                    for _ in 0..times(20, 1) {
                        let depth = times(6, 2);
                        assert_eq!(ping(depth, here, there), 1 << depth);
                    }
                });
            }
        });
    });
}

#[test]
fn the_innermost_install_decides_where_work_goes() {
    #[zp::task]
    fn workers(#[cx] cx: &mut zp::Context<'_>) -> usize {
        cx.pool().workers()
    }
    within(LIMIT, || {
        let (one, three) = (pool(1), pool(3));
        let sizes = one.install(|| {
            let outer = zp::scope(|s| s.spawn(workers {}).join());
            let inner =
                three.install(|| zp::join!(workers(_), zp::spawn(workers {}).wait().unwrap()));
            let again = zp::spawn(workers {}).wait().unwrap();
            (outer, inner, again)
        });
        assert_eq!(sizes, (1, (3, 3), 1));
        let inner = three.clone();
        let sizes = on_worker(&one, move || {
            let there = inner.install(|| zp::scope(|s| s.spawn(workers {}).join()));
            (there, zp::join!(workers(_)).0)
        });
        assert_eq!(sizes, (3, 1));
    });
}

#[test]
fn a_lock_held_across_the_other_pool_meets_no_unrelated_work() {
    within(LIMIT, || {
        let (a, b) = (pool(2), pool(2));
        let total = Mutex::new(0);
        a.scope(|s| {
            for _ in 0..times(200, 4) {
                s.spawn(|| {
                    let mut total = total.lock().unwrap();
                    *total += ping(3, &b, &a);
                });
            }
        });
        assert_eq!(*total.lock().unwrap(), times(200, 4) * 8);
    });
}

#[test]
fn a_pool_is_dropped_inside_a_task_of_another() {
    within(LIMIT, || {
        let outer = pool(2);
        let ran = Arc::new(AtomicUsize::new(0));
        for _ in 0..times(50, 2) {
            let (inner, ran) = (pool(2), Arc::clone(&ran));
            on_worker(&outer, move || {
                for _ in 0..5 {
                    let ran = Arc::clone(&ran);
                    drop(inner.spawn(move || ran.fetch_add(1, SeqCst)));
                }
                drop(inner);
                assert_eq!(
                    ran.load(SeqCst) % 5,
                    0,
                    "dropped from outside, a pool waits"
                );
            });
        }
        assert_eq!(ran.load(SeqCst), 5 * times(50, 2));
    });
}
