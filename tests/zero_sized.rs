//! Zero-sized parameters and results work like all others.

use crate::support::{LIMIT, on_worker, pool, times, within};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

static RUNS: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Copy, PartialEq, Debug)]
struct Nothing;

#[zp::task]
fn nothing() -> Nothing {
    RUNS.fetch_add(1, SeqCst);
    Nothing
}

#[zp::task]
fn pass(nothing: Nothing, (): (), none: [u64; 0]) -> ((), [u64; 0]) {
    assert_eq!(nothing, Nothing);
    ((), none)
}

#[zp::task]
fn lent(#[buf(0)] none: &mut [u8]) -> usize {
    none.len()
}

#[test]
fn tasks_without_parameters_run_once_each() {
    within(LIMIT, || {
        assert_eq!(size_of::<nothing>(), 0);
        let pool = pool(2);
        let count = times(1000, 10);
        pool.scope(|s| {
            let handles: Vec<_> = (0..count).map(|_| s.spawn(nothing {})).collect();
            for handle in handles {
                assert_eq!(handle.join(), Nothing);
            }
            for _ in 0..count {
                s.spawn(nothing::new());
            }
        });
        let owned: Vec<_> = (0..count).map(|_| pool.spawn(nothing {})).collect();
        for handle in owned {
            assert_eq!(handle.wait().ok(), Some(Nothing));
        }
        assert_eq!(RUNS.load(SeqCst), 3 * count);
    });
}

#[test]
fn zero_sized_arguments_results_slots_and_buffers_work() {
    within(LIMIT, || {
        let (mut unit, mut option, mut uninit) = ((), None, MaybeUninit::uninit());
        pool(2).scope(|s| {
            let passed = s.spawn(pass {
                nothing: Nothing,
                arg1: (),
                none: [],
            });
            s.spawn_into(|| (), &mut unit);
            s.spawn_into(|| Nothing, &mut option);
            let written: &mut Nothing = s.spawn_into(|| Nothing, &mut uninit).join();
            assert_eq!(*written, Nothing);
            assert_eq!(passed.join(), ((), []));
            assert_eq!(s.spawn(lent {}).join(), 0);
        });
        assert_eq!((unit, option), ((), Some(Nothing)));
    });
}

#[test]
fn joins_of_nothing_work() {
    within(LIMIT, || {
        let pool = pool(2);
        let joins = || {
            for _ in 0..times(1000, 10) {
                assert_eq!(zp::join(|| (), || Nothing), ((), Nothing));
            }
        };
        pool.install(joins);
        on_worker(&pool, joins);
    });
}

#[test]
fn empty_scopes_work() {
    within(LIMIT, || {
        let pool = pool(1);
        for _ in 0..times(1000, 10) {
            pool.scope(|_| ());
        }
        on_worker(&pool, || zp::scope(|_| zp::scope(|_| ())));
    });
}
