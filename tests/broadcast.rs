//! `Pool::broadcast`: once on every worker, whoever calls, and however many at once.

use crate::support::{
    Gate, LIMIT, Ledger, message, occupy, on_worker, panic_of, payload_of, pool, times, within,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The index that the calling thread's name says.
fn worker_of_name() -> Option<usize> {
    let thread = thread::current();
    thread.name()?.strip_prefix("zp-worker-")?.parse().ok()
}

/// Broadcasts, and asserts that each share ran once, on its worker.
#[track_caller]
fn check(pool: &zp::Pool) {
    let runs: Vec<_> = (0..pool.workers()).map(|_| AtomicUsize::new(0)).collect();
    let names = pool.broadcast(|index| {
        runs[index].fetch_add(1, SeqCst);
        worker_of_name()
    });
    assert!(names.iter().enumerate().all(|(n, &name)| name == Some(n)));
    assert_eq!(names.len(), pool.workers());
    assert!(runs.iter().all(|runs| runs.load(SeqCst) == 1), "{runs:?}");
}

#[test]
fn it_runs_once_on_every_worker() {
    within(LIMIT, || {
        for workers in 1..=4 {
            let pool = pool(workers);
            for _ in 0..times(100, 2) {
                check(&pool);
            }
            thread::sleep(Duration::from_millis(2));
            check(&pool);
        }
    });
}

#[test]
fn it_may_be_called_on_a_worker_or_by_a_caller_that_helps() {
    within(LIMIT, || {
        for workers in 1..=3 {
            let pool = pool(workers);
            for _ in 0..times(50, 1) {
                let inner = pool.clone();
                on_worker(&pool, move || check(&inner));
                pool.scope(|s| {
                    s.spawn(|| check(&pool));
                    check(&pool);
                });
                pool.install(|| zp::join!(check(&pool), check(&pool), check(&pool)));
            }
        }
    });
}

#[test]
fn results_may_be_anything_that_travels() {
    within(LIMIT, || {
        let (pool, words) = (pool(3), ["one", "two", "three"]);
        assert_eq!(pool.broadcast(|index| words[index]), words);
        let units = pool.broadcast(|_| ());
        assert_eq!(units.len(), 3);
        let ledger = Ledger::new();
        let tokens = pool.broadcast(|_| ledger.token());
        assert_eq!((ledger.made(), ledger.dropped()), (3, 0));
        drop(tokens);
        ledger.assert_balanced();
    });
}

#[test]
fn a_panic_is_resumed_after_all_shares_have_ended() {
    within(LIMIT, || {
        let (pool, ledger, ended) = (pool(3), Ledger::new(), AtomicUsize::new(0));
        for broken in 0..3 {
            ended.store(0, SeqCst);
            let text = panic_of(|| {
                pool.broadcast(|index| {
                    if index == broken {
                        panic!("share {index}");
                    }
                    thread::sleep(Duration::from_millis(5));
                    ended.fetch_add(1, SeqCst);
                    ledger.token()
                })
            });
            assert_eq!(text, format!("share {broken}"));
            assert_eq!(ended.load(SeqCst), 2);
            ledger.assert_balanced();
        }
        assert_eq!(ledger.made(), 6);
        check(&pool);
    });
}

#[test]
fn results_that_panic_when_dropped_do_not_hide_the_panic_of_a_share() {
    within(LIMIT, || {
        let (pool, ledger) = (pool(3), Ledger::new());
        let payload = payload_of(|| {
            pool.broadcast(|index| {
                if index == 1 {
                    panic!("the share");
                }
                ledger.bomb("the result")
            })
        });
        assert_eq!(message(&*payload), "the share");
        ledger.assert_balanced();
        let text = panic_of(|| pool.broadcast(|index| -> () { panic!("all, {}", index > 9) }));
        assert_eq!(text, "all, false");
        check(&pool);
    });
}

#[test]
fn broadcasts_nest() {
    within(LIMIT, || {
        for workers in 1..=3 {
            let pool = pool(workers);
            for _ in 0..times(20, 1) {
                let all = AtomicUsize::new(0);
                let counts = pool.broadcast(|_| {
                    pool.broadcast(|inner| {
                        all.fetch_add(1, SeqCst);
                        inner
                    })
                });
                let expected: Vec<_> = (0..workers).collect();
                assert!(counts.iter().all(|inner| *inner == expected));
                assert_eq!(all.load(SeqCst), workers * workers);
            }
        }
    });
}

#[test]
fn several_threads_may_broadcast_at_once() {
    within(LIMIT, || {
        let pool = pool(3);
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for _ in 0..times(200, 2) {
                        check(&pool);
                    }
                });
            }
        });
    });
}

#[test]
fn all_workers_may_broadcast_at_once() {
    within(LIMIT, || {
        for workers in 1..=3 {
            let pool = pool(workers);
            for _ in 0..times(50, 1) {
                let inner = pool.clone();
                on_worker(&pool, move || {
                    inner.scope(|s| {
                        for _ in 0..6 {
                            s.spawn(|| check(&inner));
                        }
                    });
                });
                pool.scope(|s| {
                    for _ in 0..6 {
                        s.spawn(|| check(&pool));
                    }
                });
            }
        }
    });
}

/// Lets one worker wait, by `wait`, for a task that broadcasts on the other.
fn wait_for_a_broadcast(
    wait: impl Fn(&zp::Pool, &(dyn Fn() + Sync), &Gate) + Send + Sync + 'static,
) {
    let (pool, wait) = (pool(2), Arc::new(wait));
    for _ in 0..times(50, 2) {
        let (inner, wait) = (pool.clone(), Arc::clone(&wait));
        on_worker(&pool, move || {
            let (me, begun) = (worker_of_name(), Gate::new());
            let work = || {
                begun.open();
                // Somebody else has it: that thread's broadcast needs the one that waits.
                assert_ne!(worker_of_name(), me);
                // Now and then the waiting thread has gone to sleep by then.
                thread::sleep(Duration::from_micros(me.map_or(0, |me| me as u64 * 500)));
                check(&inner);
            };
            wait(&inner, &work, &begun);
        });
    }
}

#[test]
fn a_worker_at_a_handle_answers_the_broadcast_of_what_it_waits_for() {
    within(LIMIT, || {
        wait_for_a_broadcast(|pool, work, begun| {
            pool.scope(|s| {
                let handle = s.spawn(work);
                begun.wait();
                handle.join();
            });
        });
    });
}

#[test]
fn a_worker_at_the_end_of_a_scope_answers_the_broadcast_of_what_it_waits_for() {
    within(LIMIT, || {
        wait_for_a_broadcast(|pool, work, begun| {
            pool.scope(|s| {
                s.spawn(work);
                begun.wait();
            });
        });
    });
}

#[test]
fn a_worker_in_a_join_answers_the_broadcast_of_what_it_waits_for() {
    within(LIMIT, || {
        wait_for_a_broadcast(|_, work, begun| {
            zp::join(|| begun.wait(), work);
        });
    });
}

#[test]
fn a_busy_worker_is_waited_for() {
    within(LIMIT, || {
        let pool = pool(2);
        let busy = occupy(&pool, 1);
        let done = AtomicBool::new(false);
        thread::scope(|threads| {
            threads.spawn(|| {
                check(&pool);
                done.store(true, SeqCst);
            });
            thread::sleep(Duration::from_millis(30));
            assert!(!done.load(SeqCst));
            drop(busy);
        });
        assert!(done.load(SeqCst));
    });
}

#[test]
fn a_broadcast_from_outside_does_not_enter_a_task_that_waits() {
    within(LIMIT, || {
        // The lock is held across a wait, which does not depend on the broadcast; the share takes the lock.
        let (pool, lock) = (pool(2), Arc::new(Mutex::new(())));
        let (begun, release) = (Arc::new(Gate::new()), Arc::new(Gate::new()));
        let (here, gate, inner) = (Arc::clone(&begun), Arc::clone(&release), pool.clone());
        let held = Arc::clone(&lock);
        let waiting = pool.spawn(move || {
            let guard = held.lock().unwrap();
            inner.scope(|s| {
                let handle = s.spawn(|| {
                    here.open();
                    gate.wait();
                });
                here.wait();
                handle.join();
            });
            drop(guard);
        });
        begun.wait();
        let shares = AtomicUsize::new(0);
        thread::scope(|threads| {
            threads.spawn(|| {
                pool.broadcast(|_| {
                    shares.fetch_add(1, SeqCst);
                    drop(lock.lock().unwrap());
                })
            });
            thread::sleep(Duration::from_millis(30));
            assert_eq!(shares.load(SeqCst), 0);
            release.open();
        });
        assert_eq!(shares.load(SeqCst), 2);
        waiting.wait().unwrap();
    });
}

#[test]
fn it_needs_no_seat() {
    within(LIMIT, || {
        let pool = pool(1);
        let (inside, release) = (Gate::new(), Gate::new());
        thread::scope(|threads| {
            threads.spawn(|| {
                let arm = || {
                    inside.open();
                    release.wait();
                };
                pool.install(|| zp::join(arm, || ()));
            });
            // The caller above has the only seat.
            inside.wait();
            check(&pool);
            release.open();
        });
    });
}

#[test]
fn after_shutdown_it_panics_and_says_so() {
    within(LIMIT, || {
        let pool = pool(2);
        check(&pool);
        pool.shutdown();
        let text = panic_of(|| pool.broadcast(|index| index));
        assert!(text.contains("after the pool was shut down"), "{text}");
    });
}

#[test]
fn a_shutdown_meanwhile_waits_for_it_or_refuses_it() {
    within(LIMIT, || {
        for _ in 0..times(30, 2) {
            let (pool, shares) = (pool(2), AtomicUsize::new(0));
            thread::scope(|threads| {
                threads.spawn(|| {
                    let broadcast = || pool.broadcast(|_| shares.fetch_add(1, SeqCst)).len();
                    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(broadcast)) {
                        Ok(len) => assert_eq!((len, shares.load(SeqCst)), (2, 2)),
                        Err(_) => assert_eq!(shares.load(SeqCst), 0),
                    }
                });
                threads.spawn(|| pool.shutdown());
            });
        }
    });
}

#[test]
fn broadcasts_among_other_work() {
    within(LIMIT, || {
        let pool = pool(3);
        fn tree(pool: &zp::Pool, depth: usize) -> usize {
            if depth == 0 {
                return 1;
            }
            if depth == 4 {
                check(pool);
            }
            let (a, b) = zp::join!(tree(pool, depth - 1), tree(pool, depth - 1));
            a + b
        }
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    for _ in 0..times(20, 1) {
                        check(&pool);
                        assert_eq!(pool.install(|| tree(&pool, 7)), 128);
                        let inner = pool.clone();
                        assert_eq!(on_worker(&pool, move || tree(&inner, 7)), 128);
                    }
                });
            }
        });
        pool.wait_idle();
        let total = pool.stats().total();
        assert_eq!(total.executed, total.spawned);
    });
}
