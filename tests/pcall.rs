//! `zp::pcall!`: the same result whatever becomes of the call, at every level.

use crate::support::{
    LIMIT, Ledger, Token, message, occupy, on_worker, panic_of, pool, times, within, work,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

type Scope<'scope, 'env> = zp::Scope<'scope, 'env>;

fn add(a: u64, b: u64) -> u64 {
    a + b
}

/// Runs `body` with each level's macro call in the place of `$call!`.
macro_rules! at_every_level {
    ($body:ident) => {{
        macro_rules! adaptive {
            ($s:expr, $c:expr) => {
                zp::pcall!($s, $c)
            };
        }
        macro_rules! standard {
            ($s:expr, $c:expr) => {
                zp::pcall!($s, standard, $c)
            };
        }
        macro_rules! minimal {
            ($s:expr, $c:expr) => {
                zp::pcall!($s, minimal, $c)
            };
        }
        $body!(adaptive);
        $body!(standard);
        $body!(minimal);
    }};
}

/// Pools of several sizes, and one without an idle thread, so that calls are run at once as well as offered.
fn everywhere(body: impl Fn(&zp::Pool)) {
    for workers in [1, 2, 4] {
        body(&pool(workers));
    }
    let pool = pool(2);
    let busy = occupy(&pool, 1);
    body(&pool);
    drop(busy);
}

#[test]
fn the_value_arrives_at_every_level() {
    within(LIMIT, || {
        everywhere(|pool| {
            macro_rules! body {
                ($call:ident) => {
                    pool.scope(|s| {
                        let (a, b) = ($call!(s, add(1, 2)), $call!(s, add(3, 4)));
                        assert_eq!((b.get(), a.get()), (7, 3));
                    });
                };
            }
            at_every_level!(body);
        });
        assert_eq!(zp::scope(|s| zp::pcall!(s, add(1, 2)).get()), 3);
    });
}

/// Notes that it has been evaluated, and is a value.
fn noted(log: &Mutex<Vec<u64>>, n: u64) -> u64 {
    log.lock().unwrap().push(n);
    n
}

fn slow_add(a: u64, b: u64) -> u64 {
    work(10_000);
    a + b
}

#[test]
fn arguments_are_evaluated_at_once_and_in_order() {
    within(LIMIT, || {
        everywhere(|pool| {
            macro_rules! body {
                ($call:ident) => {
                    let log = Mutex::new(Vec::new());
                    pool.scope(|s| {
                        for n in (0..times(300, 12) as u64).step_by(3) {
                            let callee = || {
                                noted(&log, n);
                                add
                            };
                            let call =
                                $call!(s, (callee())(noted(&log, n + 1), noted(&log, n + 2)));
                            assert_eq!(log.lock().unwrap().len() as u64, n + 3);
                            drop(call);
                        }
                    });
                    assert!(log.lock().unwrap().is_sorted());
                };
            }
            at_every_level!(body);
        });
    });
}

#[test]
fn arguments_of_an_offered_call_are_evaluated_before_it_runs() {
    within(LIMIT, || {
        let pool = pool(2);
        let mut offered = false;
        // Calls are offered while the worker is idle, which it is sooner or later.
        while !offered {
            thread::yield_now();
            pool.scope(|s| {
                let log = Mutex::new(Vec::new());
                let call = zp::pcall!(s, standard, slow_add(noted(&log, 1), noted(&log, 2)));
                assert_eq!(*log.lock().unwrap(), [1, 2]);
                offered = !call.is_ready();
                assert_eq!(call.get(), 3);
            });
        }
    });
}

fn fill(part: &mut [u8], with: &u8) -> usize {
    part.fill(*with);
    part.len()
}

#[test]
fn calls_borrow_from_outside_the_scope() {
    within(LIMIT, || {
        everywhere(|pool| {
            macro_rules! body {
                ($call:ident) => {
                    let (mut bytes, with) = ([0; 64], [1, 2, 3, 4]);
                    pool.scope(|s| {
                        let mut calls = Vec::new();
                        for (part, with) in bytes.chunks_mut(16).zip(&with) {
                            calls.push($call!(s, fill(part, with)));
                        }
                        drop(calls.pop());
                        assert!(calls.into_iter().all(|call| call.get() == 16));
                    });
                    assert!(bytes.iter().zip(0..).all(|(&byte, n)| byte == n / 16 + 1));
                };
            }
            at_every_level!(body);
        });
    });
}

fn longest(words: &[String]) -> Option<&str> {
    words
        .iter()
        .map(|word| &**word)
        .max_by_key(|word| word.len())
}

#[test]
fn a_result_may_borrow_what_an_argument_borrows() {
    within(LIMIT, || {
        let words = ["one", "three"].map(String::from);
        let found: Option<&str> = pool(2).scope(|s| zp::pcall!(s, longest(&words)).get());
        assert_eq!(found, Some("three"));
    });
}

#[test]
fn a_result_waits_until_it_is_taken() {
    within(LIMIT, || {
        everywhere(|pool| {
            macro_rules! body {
                ($call:ident) => {
                    pool.scope(|s| {
                        for _ in 0..times(100, 3) {
                            let call = $call!(s, add(1, 2));
                            // Nobody else is bound to run it while this thread looks on.
                            for _ in 0..1000 {
                                if call.is_ready() {
                                    break;
                                }
                                thread::yield_now();
                            }
                            assert_eq!(call.get(), 3);
                        }
                    });
                };
            }
            at_every_level!(body);
        });
        // With a worker it becomes ready by itself.
        let ready = pool(2).scope(|s| {
            let call = zp::pcall!(s, standard, add(1, 2));
            while !call.is_ready() {
                thread::yield_now();
            }
            call.get()
        });
        assert_eq!(ready, 3);
    });
}

fn count(n: &AtomicUsize) {
    n.fetch_add(1, SeqCst);
}

#[test]
fn the_scope_awaits_calls_that_nobody_collects() {
    within(LIMIT, || {
        everywhere(|pool| {
            macro_rules! body {
                ($call:ident) => {
                    let runs = AtomicUsize::new(0);
                    let rounds = times(500, 10);
                    pool.scope(|s| {
                        for _ in 0..rounds {
                            drop($call!(s, count(&runs)));
                        }
                    });
                    assert_eq!(runs.load(SeqCst), rounds);
                };
            }
            at_every_level!(body);
        });
    });
}

fn fail(n: u64, runs: &AtomicUsize) -> u64 {
    runs.fetch_add(1, SeqCst);
    assert_ne!(n, 3, "the third");
    n
}

#[test]
fn a_panic_arrives_at_once_or_with_the_value() {
    within(LIMIT, || {
        everywhere(|pool| {
            macro_rules! body {
                ($call:ident) => {
                    let runs = AtomicUsize::new(0);
                    pool.scope(|s| {
                        for n in 0..times(50, 6) as u64 {
                            let got =
                                catch_unwind(AssertUnwindSafe(|| $call!(s, fail(n, &runs)).get()));
                            match got {
                                Ok(value) => assert_eq!(value, n),
                                Err(payload) => {
                                    assert_eq!(n, 3);
                                    assert!(message(&*payload).contains("the third"));
                                }
                            }
                        }
                    });
                    assert_eq!(runs.load(SeqCst), times(50, 6));
                };
            }
            at_every_level!(body);
            assert_eq!(pool.scope(|s| zp::pcall!(s, add(1, 2)).get()), 3);
        });
    });
}

#[test]
fn a_panic_that_nobody_collects_leaves_the_scope() {
    within(LIMIT, || {
        everywhere(|pool| {
            macro_rules! body {
                ($call:ident) => {
                    let runs = AtomicUsize::new(0);
                    let text = panic_of(|| {
                        pool.scope(|s| {
                            for n in 0..10 {
                                drop($call!(s, fail(n, &runs)));
                            }
                        });
                    });
                    assert!(text.contains("the third"), "{text}");
                    // A call that was run at once has kept the later ones from being made.
                    assert!((4..=10).contains(&runs.load(SeqCst)));
                };
            }
            at_every_level!(body);
            assert_eq!(pool.scope(|s| zp::pcall!(s, add(1, 2)).get()), 3);
        });
    });
}

fn fib<'scope>(s: &'scope Scope<'scope, '_>, n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let left = zp::pcall!(s, fib(s, n - 1));
    let right = fib(s, n - 2);
    left.get() + right
}

fn fib_in_scopes(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    zp::scope(|s| {
        let left = zp::pcall!(s, standard, fib_in_scopes(n - 1));
        let right = zp::pcall!(s, minimal, fib_in_scopes(n - 2));
        left.get() + right.get()
    })
}

#[test]
fn calls_nest_in_recursion() {
    within(LIMIT, || {
        everywhere(|pool| {
            let n = times(16, 6) as u64;
            assert_eq!(pool.scope(|s| fib(s, n)), fib_of(n));
            assert_eq!(pool.install(|| fib_in_scopes(n)), fib_of(n));
        });
    });
}

fn twice<T: Copy + Send + std::ops::Add<Output = T>>(value: T) -> T {
    value + value
}

fn generic<'scope, T, F>(s: &'scope Scope<'scope, '_>, value: T, f: F) -> T
where
    T: Copy + Send + std::ops::Add<Output = T> + 'scope,
    F: Fn(T) -> T + Send + 'scope,
{
    let doubled = zp::pcall!(s, twice::<T>(value));
    let mapped = zp::pcall!(s, standard, f(value));
    doubled.get() + mapped.get()
}

#[test]
fn generic_functions_call_with_their_types() {
    within(LIMIT, || {
        everywhere(|pool| {
            pool.scope(|s| {
                assert_eq!(generic(s, 3_u8, |n| n), 9);
                assert!((generic(s, 0.5_f64, |n| n) - 1.5).abs() < 1e-9);
            });
        });
    });
}

#[test]
fn calls_are_made_inside_and_outside_the_pool() {
    within(LIMIT, || {
        let pool = pool(3);
        let inside = on_worker(&pool, || zp::scope(|s| fib(s, 10)));
        assert_eq!(inside, 55);
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    assert_eq!(
                        pool.scope(|s| fib(s, times(12, 5) as u64)),
                        fib_of(times(12, 5) as u64)
                    )
                });
            }
        });
        let spawned = pool.scope(|s| s.spawn(move || fib(s, 10)).join());
        assert_eq!(spawned, 55);
    });
}

fn fib_of(n: u64) -> u64 {
    (0..n).fold((0, 1), |(a, b), _| (b, a + b)).0
}

#[test]
fn ten_thousand_calls_run_once_each() {
    within(LIMIT, || {
        everywhere(|pool| {
            let (runs, rounds) = (AtomicUsize::new(0), times(10_000, 20));
            pool.scope(|s| {
                let calls: Vec<_> = (0..rounds)
                    .map(|n| match n % 3 {
                        0 => zp::pcall!(s, count(&runs)),
                        1 => zp::pcall!(s, standard, count(&runs)),
                        _ => zp::pcall!(s, minimal, count(&runs)),
                    })
                    .collect();
                for (n, call) in calls.into_iter().enumerate() {
                    if n % 2 == 0 {
                        call.get();
                    }
                }
            });
            assert_eq!(runs.load(SeqCst), rounds);
        });
    });
}

fn exchange(taken: Token, made: Token, panics: bool) -> Token {
    let _taken = taken;
    assert!(!panics, "on demand");
    made
}

#[test]
fn arguments_and_results_are_dropped_exactly_once() {
    within(LIMIT, || {
        everywhere(|pool| {
            let ledger = Ledger::new();
            macro_rules! body {
                ($call:ident) => {
                    for panics in [false, true] {
                        let result = catch_unwind(AssertUnwindSafe(|| {
                            pool.scope(|s| {
                                for n in 0..times(60, 6) {
                                    let call = $call!(
                                        s,
                                        exchange(ledger.token(), ledger.token(), panics && n == 4)
                                    );
                                    if n % 3 == 0 {
                                        drop(call.get());
                                    }
                                }
                            });
                        }));
                        assert_eq!(result.is_err(), panics);
                        ledger.assert_balanced();
                    }
                };
            }
            at_every_level!(body);
        });
    });
}

fn leaves(ledger: &Ledger, text: &str) -> Result<u64, std::num::ParseIntError> {
    let _ = zp::scope(|s| {
        let call = zp::pcall!(s, add(keep(ledger.token()), text.parse()?));
        Ok(call.get())
    })?;
    text.parse()
}

fn keep(_token: Token) -> u64 {
    0
}

#[test]
fn an_argument_may_leave_before_the_call() {
    within(LIMIT, || {
        let ledger = Ledger::new();
        assert_eq!(leaves(&ledger, "5"), Ok(5));
        assert!(leaves(&ledger, "five").is_err());
        ledger.assert_balanced();
    });
}

#[test]
fn call_sites_are_listed_with_their_counts() {
    within(LIMIT, || {
        let rounds = times(1000, 10) as u64;
        let line = line!() + 6;
        for workers in [1, 2] {
            let pool = pool(workers);
            for calls in [rounds, 5] {
                pool.scope(|s| {
                    for n in 0..calls {
                        drop(zp::pcall!(s, u64::count_ones(n)));
                    }
                });
            }
        }
        let sites = zp::call_sites();
        let mine = |site: &&zp::CallSiteReport| site.name == "u64::count_ones";
        assert_eq!(sites.iter().filter(mine).count(), 1, "one place, one entry");
        let site = sites.iter().find(mine).unwrap();
        assert!(site.file.ends_with("pcall.rs"), "{}", site.file);
        assert_eq!((site.line, site.column > 0), (line, true));
        assert_eq!(site.calls, 2 * (rounds + 5));
        assert_eq!(site.calls, site.inlined + site.offered);
        assert!(site.taken <= site.offered);
        let text = site.to_string();
        assert!(
            text.contains("u64::count_ones") && text.contains(&format!(":{line}:")),
            "{text}"
        );
    });
}

fn sleeps(time: Duration) {
    thread::sleep(time);
}

/// The record of the place in this file where `name` is called.
fn site(name: &str) -> zp::CallSiteReport {
    zp::call_sites()
        .into_iter()
        .find(|site| site.name == name && site.file.ends_with("pcall.rs"))
        .unwrap()
}

/// A place whose calls are short runs them at once; when they become long it offers them, and when they become short again
/// it stops.
#[test]
fn the_adaptive_level_follows_the_work() {
    fn varies(time: Duration) {
        if time > Duration::ZERO {
            thread::sleep(time);
        }
    }
    within(LIMIT, || {
        let pool = pool(2);
        let offered = |calls: usize, time: Duration| {
            let before = zp::call_sites();
            let before = before.iter().find(|site| site.name == "varies");
            let before = before.map_or(0, |site| site.offered);
            pool.scope(|s| {
                for _ in 0..calls {
                    zp::pcall!(s, varies(time));
                }
            });
            site("varies").offered - before
        };
        // A thread that is put aside in the middle of a short call that is timed makes it a long one, and some of the next ones are
        // offered: that does not happen each time. Where too much is offered, it can be as little as two of all these calls.
        let is_quiet = || (0..10).any(|_| offered(2000, Duration::ZERO) == 0);
        // Nothing is offered to workers that have not begun to look for work.
        pool.broadcast(|_| ());
        offered(times(2000, 200), Duration::ZERO);
        if !cfg!(miri) {
            assert!(is_quiet(), "short calls");
        }
        assert!(offered(200, Duration::from_millis(1)) > 0, "long calls");
        assert!(site("varies").taken > 0);
        offered(times(4000, 400), Duration::ZERO);
        if !cfg!(miri) {
            assert!(is_quiet(), "short again");
        }
    });
}

/// Level standard: many long calls are shared by all workers, not only as many as the first savings allow.
#[test]
fn long_calls_at_level_standard_keep_being_offered() {
    within(LIMIT, || {
        let pool = pool(4);
        let calls = times(300, 40);
        pool.scope(|s| {
            for _ in 0..calls {
                zp::pcall!(s, standard, sleeps(Duration::from_millis(1)));
            }
        });
        let site = site("sleeps");
        assert_eq!(site.calls, calls as u64);
        assert!(site.offered > calls as u64 / 3, "{site}");
    });
}
