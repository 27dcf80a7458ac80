//! Handles: joining, waiting with a limit, cancelling, from any thread and in any order.

use crate::support::{Gate, LIMIT, Ledger, occupy, on_worker, panic_of, pool, times, within};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(5);

fn is_send<T: Send>(_: &T) {}

#[zp::task]
fn until_cancelled(begun: &Gate, #[cx] cx: &mut zp::Context<'_>) -> &'static str {
    begun.open();
    while !cx.is_cancelled() {
        thread::yield_now();
    }
    "stopped early"
}

#[test]
fn handles_are_joined_in_any_order_and_on_any_thread() {
    within(LIMIT, || {
        let pool = pool(2);
        pool.scope(|s| {
            let mut handles: Vec<_> = (0..20).map(|n| (n, s.spawn(move || n * n))).collect();
            handles.sort_by_key(|&(n, _)| n * 7 % 20);
            for (n, handle) in handles {
                is_send(&handle);
                assert_eq!(handle.join(), n * n);
            }
        });
        let handles: Vec<_> = (0..20).map(|n| (n, pool.spawn(move || n * n))).collect();
        thread::scope(|threads| {
            for (n, handle) in handles {
                threads.spawn(move || assert_eq!(handle.wait().unwrap(), n * n));
            }
        });
    });
}

#[test]
fn a_handle_of_one_task_is_joined_by_another() {
    within(LIMIT, || {
        for workers in [1, 2, 3] {
            let pool = pool(workers);
            let sum = pool.scope(|s| {
                let mut handle = s.spawn(|| 0);
                for n in 1..=times(100, 5) {
                    handle = s.spawn(move || handle.join() + n);
                }
                handle.join()
            });
            assert_eq!(sum, (1..=times(100, 5)).sum());
        }
    });
}

#[test]
fn is_complete_follows_the_task() {
    within(LIMIT, || {
        let pool = pool(2);
        let (begun, release) = (Gate::new(), Gate::new());
        pool.scope(|s| {
            let mut handle = s.spawn(|| {
                begun.open();
                release.wait();
            });
            begun.wait();
            assert!(!handle.is_complete());
            release.open();
            assert!(handle.wait_timeout(LIMIT));
            assert!(handle.is_complete());
            handle.join();
        });
    });
}

#[test]
fn a_wait_that_times_out_may_be_repeated_until_it_succeeds() {
    within(LIMIT, || {
        let pool = pool(2);
        let (begun, release) = (Gate::new(), Gate::new());
        pool.scope(|s| {
            let mut handle = s.spawn(|| {
                begun.open();
                release.wait();
                "scoped"
            });
            begun.wait();
            assert!(!handle.wait_timeout(Duration::ZERO));
            assert!(!handle.wait_timeout(SHORT));
            release.open();
            assert!(handle.wait_timeout(Duration::MAX));
            assert_eq!(handle.join(), "scoped");
        });

        let release = Arc::new(Gate::new());
        let gate = Arc::clone(&release);
        let mut owned = pool.spawn(move || {
            gate.wait();
            "owned"
        });
        assert!(owned.wait_timeout(Duration::ZERO).is_none());
        assert!(owned.wait_timeout(SHORT).is_none());
        assert!(!owned.is_complete());
        release.open();
        let result = loop {
            if let Some(result) = owned.wait_timeout(Duration::MAX) {
                break result;
            }
        };
        assert_eq!(result.unwrap(), "owned");
        assert!(owned.is_complete());
    });
}

#[test]
fn waiting_with_a_limit_runs_no_work() {
    within(LIMIT, || {
        let pool = pool(1);
        let busy = occupy(&pool, 1);
        pool.scope(|s| {
            let me = thread::current().id();
            let mut handle = s.spawn(move || assert_ne!(thread::current().id(), me));
            assert!(!handle.wait_timeout(SHORT));
            drop(busy);
            assert!(handle.wait_timeout(LIMIT));
            handle.join();
        });
        let busy = occupy(&pool, 1);
        let me = thread::current().id();
        let mut owned = pool.spawn(move || assert_ne!(thread::current().id(), me));
        assert!(owned.wait_timeout(SHORT).is_none());
        drop(busy);
        assert!(
            owned
                .wait_timeout(LIMIT)
                .is_some_and(|result| result.is_ok())
        );
    });
}

#[test]
fn an_outcome_is_returned_once() {
    within(LIMIT, || {
        let mut handle = pool(1).spawn(|| 1);
        while handle.wait_timeout(LIMIT).is_none() {}
        // It was accepted, so `Rejected` would be a lie.
        let text = panic_of(|| handle.wait_timeout(SHORT));
        assert!(!text.is_empty());
    });
}

#[test]
fn a_task_cancelled_before_it_starts_never_runs() {
    within(LIMIT, || {
        let pool = pool(1);
        let ran = Arc::new(AtomicBool::new(false));
        let ledger = Ledger::new();
        let busy = occupy(&pool, 1);
        pool.scope(|s| {
            let (token, ran) = (ledger.token(), &ran);
            let handle = s.spawn(move || {
                ran.store(true, SeqCst);
                drop(token);
            });
            assert!(handle.cancel());
            assert!(handle.is_complete());
            assert_eq!(ledger.dropped(), 1, "a cancelled task is dropped at once");
            assert!(!handle.cancel(), "cancelled already");
            assert!(handle.wait().unwrap_err().is_cancelled());
            let joined = s.spawn(|| ran.store(true, SeqCst));
            assert!(joined.cancel());
            let text = panic_of(|| joined.join());
            assert!(text.contains("cancelled"), "{text}");
        });
        let (token, flag) = (ledger.token(), Arc::clone(&ran));
        let owned = pool.spawn(move || {
            flag.store(true, SeqCst);
            drop(token);
        });
        assert!(owned.cancel());
        assert!(owned.wait().unwrap_err().is_cancelled());
        drop(busy);
        pool.shutdown();
        assert!(!ran.load(SeqCst));
        ledger.assert_balanced();
    });
}

#[test]
fn a_running_task_is_asked_to_stop_early() {
    within(LIMIT, || {
        let pool = pool(1);
        let begun = Gate::new();
        pool.scope(|s| {
            let handle = s.spawn(until_cancelled { begun: &begun });
            begun.wait();
            assert!(!handle.cancel(), "it runs already");
            assert_eq!(handle.wait().unwrap(), "stopped early");
        });
        let begun: &'static Gate = Box::leak(Box::new(Gate::new()));
        let owned = pool.spawn(until_cancelled { begun });
        begun.wait();
        assert!(!owned.cancel());
        assert_eq!(owned.wait().unwrap(), "stopped early");
    });
}

#[test]
fn cancelling_races_starting_and_one_of_them_wins() {
    within(LIMIT, || {
        let pool = pool(2);
        for _ in 0..times(2000, 10) {
            let ran = AtomicBool::new(false);
            let cancelled = pool.scope(|s| s.spawn(|| ran.store(true, SeqCst)).cancel());
            assert_ne!(cancelled, ran.load(SeqCst));
        }
    });
}

#[test]
fn a_dropped_handle_detaches_its_task() {
    within(LIMIT, || {
        let pool = pool(1);
        let ledger = Ledger::new();
        pool.scope(|s| {
            for _ in 0..10 {
                drop(s.spawn(|| ledger.token()));
            }
        });
        ledger.assert_balanced();
        let owned = ledger.clone();
        drop(pool.spawn(move || owned.token()));
        pool.wait_idle();
        ledger.assert_balanced();
        assert_eq!(ledger.made(), 11);
    });
}

#[test]
fn task_errors_say_what_happened() {
    within(LIMIT, || {
        let pool = pool(1);
        let number = std::hint::black_box(7);
        let panicked = pool
            .spawn(move || -> () { panic!("number {number}") })
            .wait()
            .unwrap_err();
        assert!(panicked.is_panic() && !panicked.is_cancelled());
        assert_eq!(panicked.to_string(), "the task panicked: number 7");
        let boxed: Box<dyn Error + Send + Sync + 'static> = Box::new(panicked);
        let payload = boxed
            .downcast::<zp::TaskError>()
            .unwrap()
            .into_panic()
            .unwrap();
        assert_eq!(payload.downcast_ref::<String>().unwrap(), "number 7");
        let strange = pool
            .spawn(|| -> () { std::panic::panic_any(7_u8) })
            .wait()
            .unwrap_err();
        assert_eq!(strange.to_string(), "the task panicked");
        assert_eq!(strange.into_panic().unwrap().downcast_ref(), Some(&7_u8));
        pool.shutdown();
        let rejected = pool.spawn(|| ());
        assert!(rejected.is_complete() && !rejected.cancel());
        assert!(matches!(
            rejected.wait().unwrap_err().into_panic(),
            Err(zp::TaskError::Rejected)
        ));
    });
}

#[test]
fn waiting_on_a_worker_runs_what_nobody_has_begun() {
    within(LIMIT, || {
        let pool = pool(1);
        let inner = pool.clone();
        let order = on_worker(&pool, move || {
            let handles: Vec<_> = (0..5).map(|n| inner.spawn(move || n)).collect();
            handles
                .into_iter()
                .rev()
                .map(|handle| handle.wait().unwrap())
                .collect::<Vec<_>>()
        });
        assert_eq!(order, [4, 3, 2, 1, 0]);
    });
}
