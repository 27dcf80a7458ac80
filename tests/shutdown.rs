//! The end of a pool: what was accepted runs, what comes later is rejected, and nobody waits for ever (covers C22).

use crate::support::{Gate, LIMIT, Ledger, occupy, on_worker, pool, times, within, work};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

fn counting_exits(workers: usize, slow: bool) -> (zp::Pool, Arc<AtomicUsize>) {
    let exits = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&exits);
    let pool = zp::Pool::builder()
        .workers(workers)
        .on_thread_exit(move |_| {
            if slow {
                thread::sleep(Duration::from_millis(100));
            }
            count.fetch_add(1, SeqCst);
        })
        .build()
        .unwrap();
    (pool, exits)
}

#[test]
fn everything_accepted_runs_before_shutdown_returns() {
    within(LIMIT, || {
        for workers in [1, 2, 4] {
            let (pool, exits) = counting_exits(workers, false);
            let (ran, ledger) = (Arc::new(AtomicUsize::new(0)), Ledger::new());
            let busy = occupy(&pool, workers);
            let count = times(2000, 10);
            for _ in 0..count {
                let (ran, token) = (Arc::clone(&ran), ledger.token());
                drop(pool.spawn(move || {
                    ran.fetch_add(1, SeqCst);
                    token
                }));
            }
            thread::scope(|threads| {
                threads.spawn(|| pool.shutdown());
                threads.spawn(|| drop(busy));
            });
            assert_eq!(ran.load(SeqCst), count);
            assert_eq!(exits.load(SeqCst), workers);
            ledger.assert_balanced();
            pool.shutdown();
            assert!(matches!(
                pool.spawn(|| ()).wait(),
                Err(zp::TaskError::Rejected)
            ));
        }
    });
}

#[test]
fn dropping_the_last_handle_runs_what_was_accepted() {
    within(LIMIT, || {
        for _ in 0..times(100, 2) {
            let (pool, exits) = counting_exits(2, false);
            let ran = Arc::new(AtomicUsize::new(0));
            let clone = pool.clone();
            for _ in 0..50 {
                let ran = Arc::clone(&ran);
                drop(pool.spawn(move || ran.fetch_add(1, SeqCst)));
            }
            drop(pool);
            assert_eq!(exits.load(SeqCst), 0, "a clone keeps the pool open");
            drop(clone);
            assert_eq!((ran.load(SeqCst), exits.load(SeqCst)), (50, 2));
        }
    });
}

/// Several threads spawn while `shut` ends the pool at some moment: each spawn is either rejected or run.
fn spawns_race(shut: impl Fn(&zp::Pool)) {
    let pool = pool(2);
    let (ran, accepted) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let started = AtomicUsize::new(0);
    thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                started.fetch_add(1, SeqCst);
                for n in 0.. {
                    let count = Arc::clone(&ran);
                    let handle = pool.spawn(move || count.fetch_add(1, SeqCst));
                    // A handle that is complete and cannot be cancelled was rejected, or is done.
                    if n % 2 == 0 {
                        match handle.wait() {
                            Ok(_) => accepted.fetch_add(1, SeqCst),
                            Err(zp::TaskError::Rejected) => return,
                            Err(error) => panic!("{error}"),
                        };
                    } else {
                        let mut handle = handle;
                        loop {
                            match handle.wait_timeout(Duration::from_millis(50)) {
                                None => {}
                                Some(Ok(_)) => {
                                    accepted.fetch_add(1, SeqCst);
                                    break;
                                }
                                Some(Err(zp::TaskError::Rejected)) => return,
                                Some(Err(error)) => panic!("{error}"),
                            }
                        }
                    }
                }
            });
        }
        while started.load(SeqCst) < 3 {
            thread::yield_now();
        }
        work(times(20_000, 10));
        shut(&pool);
    });
    pool.wait_idle();
    assert_eq!(ran.load(SeqCst), accepted.load(SeqCst));
}

#[test]
fn a_spawn_that_races_shutdown_is_rejected_or_runs() {
    within(LIMIT, || {
        for _ in 0..times(300, 2) {
            spawns_race(zp::Pool::shutdown);
        }
    });
}

#[test]
fn a_spawn_that_races_a_shutdown_inside_a_task_is_rejected_or_runs() {
    within(LIMIT, || {
        for _ in 0..times(300, 2) {
            spawns_race(|pool| {
                let inner = pool.clone();
                let _ = pool.spawn(move || inner.shutdown()).wait();
            });
        }
    });
}

#[test]
fn shutdown_inside_a_task_does_not_wait_for_itself() {
    within(LIMIT, || {
        let (pool, exits) = counting_exits(2, false);
        let ran = Arc::new(AtomicUsize::new(0));
        let (inner, count) = (pool.clone(), Arc::clone(&ran));
        on_worker(&pool, move || {
            for _ in 0..10 {
                let count = Arc::clone(&count);
                drop(inner.spawn(move || count.fetch_add(1, SeqCst)));
            }
            inner.shutdown();
            assert!(matches!(
                inner.spawn(|| ()).wait(),
                Err(zp::TaskError::Rejected)
            ));
        });
        pool.wait_idle();
        assert_eq!(ran.load(SeqCst), 10);
        while exits.load(SeqCst) < 2 {
            thread::yield_now();
        }
        drop(pool);
    });
}

#[test]
fn the_last_handle_may_be_dropped_inside_a_task() {
    within(LIMIT, || {
        for workers in [1, 2] {
            let (pool, exits) = counting_exits(workers, false);
            let ran = Arc::new(AtomicUsize::new(0));
            let (gate, count) = (Arc::new(Gate::new()), Arc::clone(&ran));
            let (inner, opened) = (pool.clone(), Arc::clone(&gate));
            let handle = pool.spawn(move || {
                opened.wait();
                for _ in 0..10 {
                    let count = Arc::clone(&count);
                    drop(inner.spawn(move || count.fetch_add(1, SeqCst)));
                }
                drop(inner);
            });
            drop(pool);
            gate.open();
            handle.wait().unwrap();
            while exits.load(SeqCst) < workers {
                thread::yield_now();
            }
            assert_eq!(ran.load(SeqCst), 10);
        }
    });
}

#[zp::task]
fn look_at_pool(
    started: &'static Gate,
    closing: &'static AtomicBool,
    #[cx] cx: &mut zp::Context<'_>,
) {
    started.open();
    while !closing.load(SeqCst) {
        thread::yield_now();
    }
    thread::sleep(Duration::from_millis(50));
    // A handle made and dropped while the last other one is being dropped.
    assert!(cx.pool().workers() > 0);
}

#[test]
fn a_handle_made_inside_a_draining_task_does_not_keep_shutdown_from_joining() {
    within(LIMIT, || {
        let (started, closing): (&'static Gate, &'static AtomicBool) =
            (Box::leak(Box::default()), Box::leak(Box::default()));
        let (pool, exits) = counting_exits(2, true);
        drop(pool.spawn(look_at_pool { started, closing }));
        started.wait();
        closing.store(true, SeqCst);
        drop(pool);
        assert_eq!(exits.load(SeqCst), 2, "shutdown ends the worker threads");
    });
}

#[test]
fn scopes_and_joins_work_after_shutdown() {
    within(LIMIT, || {
        let pool = pool(2);
        pool.shutdown();
        for round in 0..times(3000, 5) {
            let mut out = [0; 4];
            pool.scope(|s| {
                for slot in &mut out {
                    s.spawn_into(|| round, slot);
                }
                assert_eq!(s.spawn(|| 7).join(), 7);
            });
            assert_eq!(out, [round; 4]);
            assert_eq!(pool.install(|| zp::join!(1, zp::join!(2, 3))), (1, (2, 3)));
        }
    });
}

#[test]
fn shutdown_while_others_are_in_scopes_leaves_them_their_work() {
    within(LIMIT, || {
        for _ in 0..times(100, 2) {
            let pool = pool(2);
            thread::scope(|threads| {
                for _ in 0..2 {
                    threads.spawn(|| {
                        let ran = AtomicUsize::new(0);
                        pool.scope(|s| {
                            for _ in 0..100 {
                                s.spawn(|| ran.fetch_add(1, SeqCst));
                            }
                        });
                        assert_eq!(ran.load(SeqCst), 100);
                    });
                }
                pool.shutdown();
            });
        }
    });
}

#[zp::task]
fn until_asked(begun: Arc<Gate>, #[cx] cx: &mut zp::Context<'_>) -> &'static str {
    begun.open();
    while !cx.is_cancelled() {
        thread::yield_now();
    }
    "asked to stop"
}

#[test]
fn shutdown_now_cancels_what_has_not_started_and_asks_the_rest() {
    within(LIMIT, || {
        for workers in [1, 2, 3] {
            let (pool, exits) = counting_exits(workers, false);
            let running: Vec<_> = (0..workers)
                .map(|_| {
                    let begun = Arc::new(Gate::new());
                    let handle = pool.spawn(until_asked::new(Arc::clone(&begun)));
                    begun.wait();
                    handle
                })
                .collect();
            let (ran, ledger) = (Arc::new(AtomicUsize::new(0)), Ledger::new());
            let mut waiting = Vec::new();
            for n in 0..times(2000, 10) {
                let (ran, token) = (Arc::clone(&ran), ledger.token());
                let handle = pool.spawn(move || {
                    ran.fetch_add(1, SeqCst);
                    token
                });
                // Half of them are detached.
                if n % 2 == 0 {
                    waiting.push(handle);
                }
            }
            pool.shutdown_now();
            assert_eq!(exits.load(SeqCst), workers);
            for handle in running {
                assert_eq!(handle.wait().unwrap(), "asked to stop");
            }
            for handle in waiting {
                assert!(handle.is_complete() && !handle.cancel());
                assert!(handle.wait().unwrap_err().is_cancelled());
            }
            assert_eq!(ran.load(SeqCst), 0);
            ledger.assert_balanced();
            assert!(pool.spawn(|| ()).wait().unwrap_err().is_rejected());
            pool.shutdown_now();
        }
    });
}

#[test]
fn a_spawn_that_races_shutdown_now_is_rejected_cancelled_or_runs() {
    within(LIMIT, || {
        for inside in [false, true] {
            for _ in 0..times(150, 2) {
                let pool = pool(2);
                let ledger = Ledger::new();
                let (ran, ok) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
                thread::scope(|threads| {
                    for _ in 0..3 {
                        threads.spawn(|| {
                            loop {
                                let (token, count) = (ledger.token(), Arc::clone(&ran));
                                let handle = pool.spawn(move || {
                                    count.fetch_add(1, SeqCst);
                                    token
                                });
                                match handle.wait() {
                                    Ok(_) => ok.fetch_add(1, SeqCst),
                                    Err(zp::TaskError::Cancelled) => continue,
                                    Err(zp::TaskError::Rejected) => return,
                                    Err(error) => panic!("{error}"),
                                };
                            }
                        });
                    }
                    work(times(20_000, 10));
                    if inside {
                        let inner = pool.clone();
                        drop(pool.spawn(move || inner.shutdown_now()).wait());
                    } else {
                        pool.shutdown_now();
                    }
                });
                pool.wait_idle();
                assert_eq!(ran.load(SeqCst), ok.load(SeqCst));
                ledger.assert_balanced();
            }
        }
    });
}

#[test]
fn shutdown_now_hurries_a_shutdown_that_has_begun() {
    within(LIMIT, || {
        let pool = pool(1);
        let begun = Arc::new(Gate::new());
        let running = pool.spawn(until_asked::new(Arc::clone(&begun)));
        begun.wait();
        let waiting = pool.spawn(|| ());
        thread::scope(|threads| {
            threads.spawn(|| pool.shutdown());
            while !pool.spawn(|| ()).is_complete() {
                thread::yield_now();
            }
            pool.shutdown_now();
        });
        assert_eq!(running.wait().unwrap(), "asked to stop");
        assert!(waiting.wait().unwrap_err().is_cancelled());
    });
}

#[test]
fn shutdown_now_leaves_scopes_their_tasks() {
    within(LIMIT, || {
        for _ in 0..times(100, 2) {
            let pool = pool(2);
            thread::scope(|threads| {
                for _ in 0..2 {
                    threads.spawn(|| {
                        let ran = AtomicUsize::new(0);
                        let asked = AtomicBool::new(false);
                        pool.scope(|s| {
                            for _ in 0..100 {
                                s.spawn(|| ran.fetch_add(1, SeqCst));
                            }
                            s.spawn(look_whether_asked::new(&asked));
                        });
                        assert_eq!(ran.load(SeqCst), 100);
                        assert!(!asked.load(SeqCst));
                    });
                }
                pool.shutdown_now();
            });
        }
    });
}

#[zp::task]
fn look_whether_asked(asked: &AtomicBool, #[cx] cx: &mut zp::Context<'_>) {
    asked.store(cx.is_cancelled(), SeqCst);
}
