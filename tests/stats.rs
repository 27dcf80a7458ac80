//! What the pool counts (covers C16, C17): exact once it is idle.

use crate::support::{LIMIT, occupy, on_worker, pool, times, within};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use zp::{Priority, SpawnOptions};

#[test]
fn every_task_is_executed_or_cancelled_once() {
    within(LIMIT, || {
        for workers in 1..=3 {
            let pool = pool(workers);
            let (run, mut cancelled) = (AtomicUsize::new(0), 0);
            let count = times(500, 5);
            for round in 0..times(10, 2) {
                pool.scope(|s| {
                    for n in 0..count {
                        let options = match (n + round) % 5 {
                            0 => SpawnOptions::new().priority(Priority::High),
                            1 => SpawnOptions::new().priority(Priority::Low),
                            2 => SpawnOptions::new().on_worker(n % 4),
                            _ => SpawnOptions::new(),
                        };
                        let handle = s.spawn_with(|| run.fetch_add(1, SeqCst), options);
                        if n % 7 == 0 {
                            cancelled += usize::from(handle.cancel());
                        }
                    }
                });
            }
            let stats = pool.stats();
            let total = stats.total();
            assert_eq!(total.spawned as usize, count * times(10, 2), "{stats}");
            assert_eq!(total.executed as usize, run.load(SeqCst), "{stats}");
            assert_eq!(total.cancelled as usize, cancelled, "{stats}");
            assert_eq!(total.spawned, total.executed + total.cancelled, "{stats}");
            assert_eq!(total.tasks_stolen, total.tasks_taken, "{stats}");
            assert!(total.inline <= total.executed, "{stats}");
            assert_eq!(total.panicked, 0, "{stats}");
        }
    });
}

#[test]
fn a_borrowed_task_that_a_full_queue_refuses_is_counted_as_spawned() {
    within(LIMIT, || {
        let pool = zp::Pool::builder()
            .workers(1)
            .queue_capacity(1)
            .when_full(zp::WhenFull::Fail)
            .build()
            .unwrap();
        let busy = occupy(&pool, 1);
        let before = pool.stats().total();
        pool.scope(|s| {
            // A thread that does not work for the pool; one of these finds room.
            std::thread::scope(|threads| {
                threads.spawn(|| (0..5).for_each(|_| drop(s.spawn(|| ()))));
            });
        });
        let after = pool.stats().total();
        assert_eq!(after.spawned - before.spawned, 5);
        assert_eq!(after.executed - before.executed, 5);
        drop(busy);
    });
}

#[test]
fn panics_are_counted_before_anybody_hears_of_them() {
    within(LIMIT, || {
        let pool = pool(2);
        for n in 1..=times(50, 3) as u64 {
            let handle = pool.spawn(|| panic!("counted"));
            assert!(handle.wait().unwrap_err().is_panic());
            assert_eq!(pool.stats().total().panicked, n);
        }
        pool.scope(|s| {
            assert!(s.spawn(|| panic!("counted")).wait().is_err());
        });
        assert_eq!(pool.stats().total().panicked, times(50, 3) as u64 + 1);
    });
}

#[test]
fn who_does_what_is_told_apart() {
    within(LIMIT, || {
        let pool = pool(2);
        let busy = occupy(&pool, 2);
        let before = pool.stats();
        // Nobody else can: the caller runs what it waits for.
        pool.scope(|s| {
            for _ in 0..10 {
                s.spawn(|| ());
            }
        });
        assert!(pool.spawn(|| ()).wait().is_ok());
        let after = pool.stats();
        assert_eq!(after.workers, before.workers);
        let callers = (after.callers, before.callers);
        assert_eq!(callers.0.spawned - callers.1.spawned, 11);
        assert_eq!(callers.0.executed - callers.1.executed, 11);
        assert_eq!(callers.0.inline - callers.1.inline, 11);
        drop(busy);
        // On a worker they are that worker's.
        on_worker(&pool, || {
            zp::scope(|s| s.spawn(|| s.spawn(|| ()).join()).join());
        });
        let workers = pool.stats().workers;
        let spawned: u64 = workers.iter().map(|worker| worker.spawned).sum();
        assert_eq!(spawned, 2);
    });
}

#[test]
fn stolen_tasks_are_counted_on_both_sides() {
    within(LIMIT, || {
        let pool = pool(2);
        let rounds = times(20, 2) as u64;
        for _ in 0..rounds {
            // Waited for without helping, so the other worker has to take it.
            on_worker(&pool, || {
                zp::scope(|s| {
                    let mut handle = s.spawn(|| ());
                    while !handle.wait_timeout(LIMIT) {}
                });
            });
        }
        let stats = pool.stats();
        let [a, b] = [stats.workers[0], stats.workers[1]];
        assert_eq!(a.tasks_stolen, b.tasks_taken, "{stats}");
        assert_eq!(b.tasks_stolen, a.tasks_taken, "{stats}");
        assert_eq!(stats.total().tasks_stolen, rounds, "{stats}");
        assert_eq!(stats.total().inline, 0, "{stats}");
    });
}

#[test]
fn the_table_has_a_line_for_each_count_and_a_column_for_each_thread() {
    let pool = pool(2);
    pool.scope(|s| {
        s.spawn(|| ());
    });
    let text = pool.stats().to_string();
    let mut lines = text.lines();
    let head: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["worker", "0", "worker", "1", "callers", "total"]);
    for label in [
        "executed",
        "spawned",
        "inline",
        "panicked",
        "cancelled",
        "overflowed",
    ] {
        let line = lines.next().unwrap();
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some(label));
        let counts: Vec<u64> = words.map(|word| word.parse().unwrap()).collect();
        assert_eq!(counts[..3].iter().sum::<u64>(), counts[3], "{line}");
    }
    let width = text.lines().next().unwrap().len();
    assert!(text.lines().all(|line| line.len() == width), "{text}");
}
