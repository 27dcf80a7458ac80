//! `mem::forget` of every handle: nothing hangs, nothing dangles, and no panic gets lost.

use crate::support::{Gate, LIMIT, Ledger, occupy, panic_of, pool, times, within};
use std::mem::{MaybeUninit, forget};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[test]
fn a_scope_waits_for_tasks_whose_handles_were_forgotten() {
    within(LIMIT, || {
        let pool = pool(2);
        let ran = AtomicUsize::new(0);
        for _ in 0..times(200, 3) {
            ran.store(0, SeqCst);
            let numbers = Box::new([1, 2, 3]);
            let mut slot = 0;
            let mut uninit = MaybeUninit::uninit();
            pool.scope(|s| {
                forget(s.spawn(|| ran.fetch_add(numbers.len(), SeqCst)));
                forget(s.spawn_into(|| numbers.iter().sum(), &mut slot));
                forget(s.spawn_into(|| numbers[0], &mut uninit));
            });
            assert_eq!((ran.load(SeqCst), slot), (3, 6));
        }
    });
}

#[test]
fn a_forgotten_handle_leaks_its_result_and_nothing_else() {
    within(LIMIT, || {
        let ledger = Ledger::new();
        pool(2).scope(|s| {
            let argument = ledger.token();
            let result = ledger.token();
            forget(s.spawn(move || {
                drop(argument);
                result
            }));
        });
        assert_eq!((ledger.made(), ledger.dropped()), (2, 1));
    });
}

#[test]
fn a_scope_panics_if_the_handle_of_a_panicked_task_was_forgotten() {
    within(LIMIT, || {
        let pool = pool(2);
        for forget_late in [false, true] {
            let text = panic_of(|| {
                pool.scope(|s| {
                    let mut handle = s.spawn(|| panic!("forgotten"));
                    if forget_late {
                        while !handle.wait_timeout(LIMIT) {}
                    }
                    forget(handle);
                });
            });
            assert!(text.contains("panicked") || text == "forgotten", "{text}");
        }
        assert_eq!(pool.scope(|s| s.spawn(|| 1).join()), 1);
    });
}

#[test]
fn a_collected_panic_does_not_count_as_forgotten() {
    within(LIMIT, || {
        let pool = pool(2);
        pool.scope(|s| {
            let handle = s.spawn(|| panic!("collected"));
            assert!(handle.wait().unwrap_err().is_panic());
        });
    });
}

#[test]
fn a_forgotten_error_is_a_collected_panic() {
    within(LIMIT, || {
        pool(1).scope(|s| forget(s.spawn(|| panic!("collected")).wait()));
    });
}

#[test]
fn a_pool_ends_though_an_owned_handle_was_forgotten() {
    within(LIMIT, || {
        let ended = AtomicUsize::new(0);
        let ended: &'static AtomicUsize = Box::leak(Box::new(ended));
        let pool = zp::Pool::builder()
            .workers(2)
            .on_thread_exit(|_| {
                ended.fetch_add(1, SeqCst);
            })
            .build()
            .unwrap();
        let busy = occupy(&pool, 2);
        for n in 0..10 {
            forget(pool.spawn(move || assert_ne!(n, 5, "an odd number")));
        }
        let cancelled = pool.spawn(|| ());
        assert!(cancelled.cancel());
        forget(cancelled);
        drop(busy);
        drop(pool);
        assert_eq!(ended.load(SeqCst), 2);
    });
}

#[test]
fn a_forgotten_pool_goes_on() {
    within(LIMIT, || {
        let pool = pool(1);
        let other = pool.clone();
        let gate: &'static Gate = Box::leak(Box::new(Gate::new()));
        let handle = pool.spawn(|| gate.wait());
        forget(pool);
        gate.open();
        handle.wait().unwrap();
        assert_eq!(other.scope(|s| s.spawn(|| 2).join()), 2);
        other.shutdown();
    });
}

#[test]
fn a_rejected_handle_may_be_forgotten() {
    within(LIMIT, || {
        let pool = pool(1);
        pool.shutdown();
        let ledger = Ledger::new();
        let token = ledger.token();
        forget(pool.spawn(move || drop(token)));
        ledger.assert_balanced();
    });
}
