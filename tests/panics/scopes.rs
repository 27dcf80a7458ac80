//! Panics of scope bodies and spawned tasks.

use crate::support::{Gate, LIMIT, Ledger, occupy, on_worker, panic_of, pool, times, within};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

#[test]
fn a_task_that_panics_is_collected_by_join_and_wait() {
    within(LIMIT, || {
        let pool = pool(2);
        let ledger = Ledger::new();
        for _ in 0..times(100, 2) {
            pool.scope(|s| {
                let (a, b) = (ledger.token(), ledger.token());
                let joined = s.spawn(move || {
                    let _a = a;
                    panic!("joined")
                });
                let waited = s.spawn(move || {
                    let _b = b;
                    panic!("waited")
                });
                assert_eq!(panic_of(|| joined.join()), "joined");
                let error = waited.wait().unwrap_err();
                assert_eq!(error.to_string(), "the task panicked: waited");
            });
        }
        ledger.assert_balanced();
    });
}

#[test]
fn a_panic_nobody_collects_is_resumed_by_the_scope_after_all_tasks() {
    within(LIMIT, || {
        for workers in [1, 2, 3] {
            let pool = pool(workers);
            for keep in [false, true] {
                for _ in 0..times(50, 1) {
                    let (ran, ledger) = (AtomicUsize::new(0), Ledger::new());
                    let text = panic_of(|| {
                        pool.scope(|s| {
                            let mut kept = Vec::new();
                            for n in 0..20 {
                                let (token, ran) = (ledger.token(), &ran);
                                let handle = s.spawn(move || {
                                    ran.fetch_add(1, SeqCst);
                                    assert_ne!(n, 7, "the seventh");
                                    token
                                });
                                if keep {
                                    kept.push(handle);
                                }
                            }
                            let token = ledger.token();
                            drop(kept);
                            token
                        })
                    });
                    assert!(text.contains("the seventh"), "{text}");
                    assert_eq!(ran.load(SeqCst), 20, "the others run all the same");
                    ledger.assert_balanced();
                }
            }
            assert_eq!(pool.scope(|s| s.spawn(|| 1).join()), 1);
        }
    });
}

#[test]
fn of_several_panics_one_is_resumed_and_the_others_are_dropped() {
    within(LIMIT, || {
        let pool = pool(3);
        let ledger = Ledger::new();
        for _ in 0..times(50, 1) {
            let payload = crate::support::payload_of(|| {
                pool.scope(|s| {
                    for _ in 0..10 {
                        let token = ledger.token();
                        s.spawn(move || std::panic::panic_any(token));
                    }
                });
            });
            assert_eq!(ledger.made() - ledger.dropped(), 1, "one is delivered");
            drop(payload);
            ledger.assert_balanced();
        }
    });
}

#[test]
fn a_scope_left_by_a_panic_waits_for_its_tasks() {
    within(LIMIT, || {
        for workers in [1, 2] {
            let pool = pool(workers);
            for _ in 0..times(50, 1) {
                let (ran, ledger) = (AtomicUsize::new(0), Ledger::new());
                let text = panic_of(|| {
                    pool.scope(|s| {
                        for _ in 0..10 {
                            let token = ledger.token();
                            let ran = &ran;
                            let handle = s.spawn(move || {
                                thread::yield_now();
                                ran.fetch_add(1, SeqCst);
                                token
                            });
                            drop(handle);
                        }
                        let _unwound = ledger.token();
                        panic!("body");
                    });
                });
                assert_eq!((text.as_str(), ran.load(SeqCst)), ("body", 10));
                ledger.assert_balanced();
            }
        }
    });
}

#[test]
fn the_panic_of_the_body_wins_over_those_of_tasks() {
    within(LIMIT, || {
        let pool = pool(2);
        for _ in 0..times(50, 1) {
            let text = panic_of(|| {
                pool.scope(|s| {
                    let mut handle = s.spawn(|| panic!("task"));
                    while !handle.wait_timeout(LIMIT) {}
                    drop(handle);
                    s.spawn(|| panic!("another task"));
                    panic!("body");
                });
            });
            assert_eq!(text, "body");
        }
    });
}

fn fail(text: &'static str) {
    std::panic::panic_any(text);
}

#[test]
fn a_panic_crosses_nested_scopes_and_joins() {
    within(LIMIT, || {
        let pool = pool(2);
        for _ in 0..times(100, 2) {
            let ledger = Ledger::new();
            let text = panic_of(|| {
                pool.scope(|s| {
                    s.spawn(|| {
                        let _a = ledger.token();
                        zp::scope(|inner| {
                            let _b = ledger.token();
                            inner.spawn(|| {
                                let c = ledger.token();
                                zp::join!(drop(c), fail("inmost"), ledger.token());
                            });
                        });
                    });
                });
            });
            assert_eq!(text, "inmost");
            ledger.assert_balanced();
        }
    });
}

#[test]
fn a_task_on_a_worker_and_one_on_the_caller_panic() {
    within(LIMIT, || {
        let pool = pool(2);
        // On a worker for certain: the caller is in the body until the task has begun.
        let begun = Gate::new();
        let text = panic_of(|| {
            pool.scope(|s| {
                s.spawn(|| {
                    begun.open();
                    panic!("on a worker");
                });
                begun.wait();
            });
        });
        assert_eq!(text, "on a worker");
        // On the caller for certain: the workers are busy.
        let busy = occupy(&pool, 2);
        let text = panic_of(|| pool.scope(|s| drop(s.spawn(|| panic!("on the caller")))));
        assert_eq!(text, "on the caller");
        let text = panic_of(|| pool.scope(|s| s.spawn(|| panic!("in its handle")).join()));
        assert_eq!(text, "in its handle");
        drop(busy);
        assert_eq!(on_worker(&pool, || zp::join!(1, 2)), (1, 2));
    });
}

#[test]
fn a_panic_while_spawning_in_a_task_leaves_the_rest_intact() {
    within(LIMIT, || {
        let pool = pool(2);
        let ran = AtomicUsize::new(0);
        let text = panic_of(|| {
            pool.scope(|s| {
                s.spawn(|| {
                    for n in 0..10 {
                        s.spawn(|| ran.fetch_add(1, SeqCst));
                        assert_ne!(n, 4, "stopped");
                    }
                });
            });
        });
        assert!(text.contains("stopped"));
        assert_eq!(ran.load(SeqCst), 5);
    });
}

#[test]
fn owned_tasks_that_panic_leave_the_workers_alive() {
    within(LIMIT, || {
        let pool = pool(2);
        let ledger = Ledger::new();
        for n in 0..times(500, 5) {
            let token = ledger.token();
            let handle = pool.spawn(move || {
                let _token = token;
                panic!("{n}");
            });
            match n % 3 {
                0 => assert_eq!(
                    handle.wait().unwrap_err().to_string(),
                    format!("the task panicked: {n}")
                ),
                1 => drop(handle),
                _ => {
                    let mut handle = handle;
                    while handle.wait_timeout(LIMIT).is_none() {}
                }
            }
        }
        pool.wait_idle();
        ledger.assert_balanced();
        assert_eq!(on_worker(&pool, || 3), 3);
    });
}
