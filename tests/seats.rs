//! `workers(n)` bounds the parallelism, callers that take part included (covers E4).

use crate::support::{Gate, LIMIT, occupy, on_worker, pool, times, within, work};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// How many are inside at once, and the most there ever were.
#[derive(Debug, Default)]
struct Meter {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Meter {
    fn inside(&self, rounds: usize) {
        let now = self.now.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(now, SeqCst);
        work(rounds);
        if rounds.is_multiple_of(7) {
            thread::yield_now();
        }
        self.now.fetch_sub(1, SeqCst);
    }

    #[track_caller]
    fn assert_at_most(&self, limit: usize) {
        let most = self.most.load(SeqCst);
        assert!(most <= limit, "{most} at once in a pool of {limit}");
    }
}

#[test]
fn tasks_of_a_scope_from_outside_never_exceed_the_workers() {
    within(LIMIT, || {
        for workers in 1..=3 {
            let pool = pool(workers);
            for round in 0..times(400, 3) {
                let meter = Meter::default();
                pool.scope(|s| {
                    for n in 0..times(40, 5) {
                        let meter = &meter;
                        s.spawn(move || meter.inside(round + n * 10));
                    }
                });
                meter.assert_at_most(workers);
            }
        }
    });
}

#[test]
fn tasks_spawned_slowly_never_exceed_the_workers() {
    within(LIMIT, || {
        for workers in 1..=3 {
            let pool = pool(workers);
            for round in 0..times(200, 2) {
                let meter = Meter::default();
                pool.scope(|s| {
                    for n in 0..8 {
                        let meter = &meter;
                        s.spawn(move || meter.inside(n * 100));
                        // The worker is in every stage of waking up when the next one comes.
                        work(round * n * 5);
                    }
                });
                meter.assert_at_most(workers);
            }
        }
    });
}

#[test]
fn tasks_of_a_scope_on_a_worker_never_exceed_the_workers() {
    within(LIMIT, || {
        for workers in 1..=3 {
            let pool = pool(workers);
            on_worker(&pool, move || {
                for round in 0..times(200, 2) {
                    let meter = Meter::default();
                    zp::scope(|s| {
                        for n in 0..20 {
                            let meter = &meter;
                            s.spawn(move || meter.inside(round + n * 10));
                        }
                    });
                    meter.assert_at_most(workers);
                }
            });
        }
    });
}

#[test]
fn owned_tasks_exceed_the_workers_at_most_by_the_one_that_a_caller_waits_for() {
    within(LIMIT, || {
        for workers in 1..=3 {
            let pool = pool(workers);
            for _ in 0..times(200, 2) {
                let meter = Arc::new(Meter::default());
                let handles: Vec<_> = (0..10)
                    .map(|n| {
                        let meter = Arc::clone(&meter);
                        pool.spawn(move || meter.inside(n * 10))
                    })
                    .collect();
                // If all workers are busy with others and nobody has begun the awaited task, the caller runs it.
                for handle in handles.into_iter().rev() {
                    handle.wait().unwrap();
                }
                meter.assert_at_most(workers + 1);
            }
        }
    });
}

fn join_tree(meter: &Meter, depth: usize) {
    if depth == 0 {
        meter.inside(20);
    } else {
        zp::join!(join_tree(meter, depth - 1), join_tree(meter, depth - 1));
    }
}

#[test]
fn arms_of_joins_never_exceed_the_workers() {
    within(LIMIT, || {
        for workers in 1..=3 {
            let pool = pool(workers);
            for _ in 0..times(300, 2) {
                let meter = Meter::default();
                pool.install(|| join_tree(&meter, 5));
                meter.assert_at_most(workers);
            }
        }
    });
}

#[test]
fn all_workers_are_used_while_the_body_of_a_scope_waits() {
    within(LIMIT, || {
        // A body holds no seat: all three tasks meet although the caller is inside the scope.
        let pool = pool(3);
        let met = AtomicUsize::new(0);
        pool.scope(|s| {
            let handles: Vec<_> = (0..3)
                .map(|_| {
                    s.spawn(|| {
                        met.fetch_add(1, SeqCst);
                        while met.load(SeqCst) < 3 {
                            thread::yield_now();
                        }
                    })
                })
                .collect();
            for mut handle in handles {
                while !handle.wait_timeout(LIMIT) {}
            }
        });
        assert_eq!(met.load(SeqCst), 3);
    });
}

#[test]
fn the_caller_takes_the_place_of_a_worker() {
    within(LIMIT, || {
        // Two tasks that have to meet, one thread of the pool busy elsewhere: the caller must run one.
        let pool = pool(3);
        let busy = occupy(&pool, 1);
        let met = AtomicUsize::new(0);
        pool.scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    met.fetch_add(1, SeqCst);
                    while met.load(SeqCst) < 2 {
                        thread::yield_now();
                    }
                });
            }
        });
        drop(busy);
    });
}

#[test]
fn a_caller_never_waits_for_a_seat_to_run_its_own_work() {
    within(LIMIT, || {
        let pool = pool(2);
        let busy = occupy(&pool, 2);
        // All seats are taken for as long as we like, and nobody runs our work: we do.
        let me = thread::current().id();
        pool.scope(|s| {
            for _ in 0..10 {
                s.spawn(move || assert_eq!(thread::current().id(), me));
            }
        });
        let ids = pool.install(|| {
            zp::join!(thread::current().id(), thread::current().id(), {
                zp::scope(|s| s.spawn(|| thread::current().id()).join())
            })
        });
        assert_eq!(ids, (me, me, me));
        assert_eq!(
            pool.spawn(move || thread::current().id()).wait().unwrap(),
            me
        );
        drop(busy);
    });
}

#[test]
fn a_thread_that_waits_gives_its_seat_to_another() {
    within(LIMIT, || {
        // One seat. The task on the worker waits for another pool, where something waits for this pool again.
        let (one, other) = (pool(1), pool(1));
        let (inner_one, inner_other) = (one.clone(), other.clone());
        let sum = on_worker(&one, move || {
            inner_other.scope(|s| {
                s.spawn(|| inner_one.scope(|s| s.spawn(|| 1).join()) + 1)
                    .join()
            }) + 1
        });
        assert_eq!(sum, 3);
        drop(other);
    });
}

#[test]
fn a_worker_that_sleeps_in_a_wait_leaves_its_seat_to_a_caller() {
    within(LIMIT, || {
        // The only worker waits for a thread of another pool; meanwhile a caller uses the seat for a join tree.
        let (one, other) = (pool(1), pool(1));
        let (begun, release) = (Arc::new(Gate::new()), Arc::new(Gate::new()));
        let (in_begun, in_release, in_other) =
            (Arc::clone(&begun), Arc::clone(&release), other.clone());
        let waiting = one.spawn(move || {
            let mut handle = in_other.spawn(move || {
                in_begun.open();
                in_release.wait();
            });
            while handle.wait_timeout(LIMIT).is_none() {}
        });
        begun.wait();
        let meter = Meter::default();
        one.install(|| join_tree(&meter, 4));
        meter.assert_at_most(1);
        release.open();
        waiting.wait().unwrap();
    });
}
