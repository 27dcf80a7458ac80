//! `zp::join`, `zp::join!` and `zp::try_join!`: values, borrows, order, and the kinds of threads they work on.

use crate::support::{Gate, LIMIT, on_worker, pool, times, within};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

#[zp::task]
fn fill(byte: u8, #[buf(usize::from(byte))] scratch: &mut [u8]) -> usize {
    assert!(scratch.iter().all(|&b| b == 0), "a lent buffer is zeroed");
    scratch.fill(byte);
    scratch.len()
}

fn sum(tree: &[u64]) -> u64 {
    match tree {
        [] => 0,
        [leaf] => *leaf,
        _ => {
            let (left, right) = tree.split_at(tree.len() / 2);
            let (left, right) = zp::join!(sum(left), sum(right));
            left + right
        }
    }
}

#[test]
fn arms_return_in_the_order_written() {
    within(LIMIT, || {
        assert_eq!(zp::join!(), ());
        assert_eq!(zp::join!(1), (1,));
        assert_eq!(zp::join!(1, "two", 3.0), (1, "two", 3.0));
        let twelve = zp::join!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,);
        assert_eq!(twelve, (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        assert_eq!(zp::join(|| 'a', || 'b'), ('a', 'b'));
    });
}

#[test]
fn arms_borrow_and_move_the_callers_locals() {
    within(LIMIT, || {
        let mut numbers = vec![3, 1, 2];
        let text = String::from("moved");
        let shared = [1, 2, 3];
        let ((), length, first, last) = zp::join!(
            numbers.sort_unstable(),
            { text.into_bytes().len() },
            shared.first(),
            shared.last()
        );
        assert_eq!((numbers.as_slice(), length), ([1, 2, 3].as_slice(), 5));
        assert_eq!((first, last), (Some(&1), Some(&3)));
    });
}

#[test]
fn joins_nest_without_limit() {
    within(LIMIT, || {
        let numbers: Vec<u64> = (0..times(10_000, 40) as u64).collect();
        let expected = numbers.iter().sum();
        assert_eq!(sum(&numbers), expected);
        for workers in [1, 2, 5] {
            let pool = pool(workers);
            assert_eq!(
                pool.install(|| sum(&numbers)),
                expected,
                "{workers} workers"
            );
        }
    });
}

#[test]
fn an_underscore_in_an_arm_is_lent_by_the_worker() {
    within(LIMIT, || {
        let pool = pool(2);
        let lengths = pool.install(|| zp::join!(fill(1, _), fill(200, _), fill(0, _)));
        assert_eq!(lengths, (1, 200, 0));
        let lengths = on_worker(&pool, || zp::join!(fill(7, _), fill(8, _)));
        assert_eq!(lengths, (7, 8));
    });
}

#[test]
fn both_arms_run_at_once_if_a_thread_is_free() {
    within(LIMIT, || {
        let pool = pool(2);
        let meet = || {
            let (left, right) = (Gate::new(), Gate::new());
            zp::join!(
                {
                    left.open();
                    right.wait();
                },
                {
                    right.open();
                    left.wait();
                }
            );
        };
        for _ in 0..times(200, 2) {
            pool.install(meet);
            on_worker(&pool, meet);
        }
    });
}

#[test]
fn a_stolen_arm_runs_on_another_thread_of_the_current_pool() {
    within(LIMIT, || {
        let pool = zp::Pool::builder()
            .workers(2)
            .thread_name(|index| format!("join-{index}"))
            .build()
            .unwrap();
        let begun = Gate::new();
        let (caller, name) = pool.install(|| {
            zp::join!(
                {
                    begun.wait();
                    thread::current().id()
                },
                {
                    begun.open();
                    thread::current().name().map(str::to_owned)
                }
            )
        });
        assert_eq!(caller, thread::current().id());
        assert!(name.is_some_and(|name| name.starts_with("join-")));
    });
}

#[test]
fn one_worker_runs_both_arms_in_order() {
    within(LIMIT, || {
        let pool = pool(1);
        on_worker(&pool, || {
            let step = AtomicUsize::new(0);
            let here = thread::current().id();
            let arm = || {
                assert_eq!(thread::current().id(), here);
                step.fetch_add(1, SeqCst)
            };
            assert_eq!(zp::join!(arm(), arm(), arm()), (0, 1, 2));
        });
    });
}

#[test]
fn try_join_gives_all_values_or_the_leftmost_error() {
    within(LIMIT, || {
        let pool = pool(3);
        let check = || {
            let all: Result<_, &str> = zp::try_join!(Ok(1), Ok('b'), Ok("c"));
            assert_eq!(all, Ok((1, 'b', "c")));
            let none: Result<(), ()> = zp::try_join!();
            assert_eq!(none, Ok(()));
            for failing in 0..8_u32 {
                let arm = |at: u32| {
                    if failing >> at & 1 == 1 {
                        Err(at)
                    } else {
                        Ok(at * 10)
                    }
                };
                let result = zp::try_join!(arm(0), arm(1), arm(2));
                match failing.trailing_zeros() {
                    leftmost @ 0..=2 => assert_eq!(result, Err(leftmost)),
                    _ => assert_eq!(result, Ok((0, 10, 20))),
                }
            }
        };
        check();
        pool.install(check);
        on_worker(&pool, check);
    });
}

#[test]
fn an_error_keeps_arms_to_its_right_from_starting() {
    within(LIMIT, || {
        // On the only worker nobody else can start the second arm.
        on_worker(&pool(1), || {
            let started = AtomicBool::new(false);
            let result: Result<((), ()), &str> = zp::try_join!(Err("first"), {
                started.store(true, SeqCst);
                Ok(())
            });
            assert_eq!(result, Err("first"));
            assert!(!started.load(SeqCst));
        });
    });
}

#[test]
fn an_error_waits_for_arms_that_have_started() {
    within(LIMIT, || {
        let pool = pool(2);
        let (begun, ended) = (Gate::new(), AtomicBool::new(false));
        let result: Result<((), ()), &str> = pool.install(|| {
            zp::try_join!(
                {
                    begun.wait();
                    Err("first")
                },
                {
                    begun.open();
                    thread::yield_now();
                    ended.store(true, SeqCst);
                    Err("second")
                }
            )
        });
        assert_eq!(result, Err("first"));
        assert!(ended.load(SeqCst));
    });
}

#[test]
fn a_hundred_thousand_joins_in_a_row() {
    within(LIMIT, || {
        let pool = pool(2);
        let count = times(100_000, 50);
        let chain = move || {
            (0..count).fold(0, |sum, n| {
                let (a, b) = zp::join(|| n, || 1);
                sum + a - n + b
            })
        };
        assert_eq!(on_worker(&pool, chain), count);
        assert_eq!(pool.install(move || zp::join(chain, || ()).0), count);
    });
}
