//! Where spawned tasks go: on the deque of the scope's owner, and what becomes of them there.

use crate::support::{Gate, LIMIT, Ledger, occupy, on_worker, pool, times, within, work};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;

/// Runs `f` on a thread from outside and on a worker, on pools of several sizes.
fn everywhere(f: impl Fn(&zp::Pool) + Clone + Send + 'static) {
    for workers in [1, 2, 4] {
        let pool = pool(workers);
        f(&pool);
        let (inner, f) = (pool.clone(), f.clone());
        on_worker(&pool, move || f(&inner));
    }
}

#[test]
fn bursts_of_tiny_tasks_run_once_each() {
    within(LIMIT, || {
        everywhere(|pool| {
            for _ in 0..times(200, 2) {
                let mut ran = vec![0_u8; times(500, 40)];
                pool.scope(|s| {
                    for slot in &mut ran {
                        s.spawn(move || *slot += 1);
                    }
                });
                assert!(ran.iter().all(|&n| n == 1));
            }
        });
    });
}

#[test]
fn a_long_task_among_tiny_ones_is_not_left_to_the_owner() {
    // While the owner is held up in the scope's body, somebody else has to get to every task, tiny ones before it or not.
    within(LIMIT, || {
        let pool = pool(2);
        for _ in 0..times(20, 1) {
            let (ran, all) = (AtomicUsize::new(0), times(1000, 20));
            pool.scope(|s| {
                for _ in 0..all {
                    s.spawn(|| ran.fetch_add(1, SeqCst));
                }
                let last = Gate::new();
                let last = &*Box::leak(Box::new(last));
                s.spawn(|| last.open());
                last.wait();
                while ran.load(SeqCst) < all {
                    thread::yield_now();
                }
            });
        }
    });
}

#[test]
fn owned_tasks_spawned_in_a_scopes_body_need_no_help_from_it() {
    within(LIMIT, || {
        let pool = pool(2);
        let ran = Arc::new(AtomicUsize::new(0));
        let all = times(20_000, 50);
        pool.scope(|_| {
            for _ in 0..all {
                let ran = Arc::clone(&ran);
                drop(pool.spawn(move || ran.fetch_add(1, SeqCst)));
            }
            // The body does not work for the pool, so it may wait for it.
            pool.wait_idle();
            assert_eq!(ran.load(SeqCst), all);
        });
    });
}

#[test]
fn tasks_that_wait_for_each_other_find_two_threads() {
    // One waits for the other, whichever comes first: neither is kept from other threads by its owner.
    within(LIMIT, || {
        let pool = pool(2);
        for round in 0..times(300, 3) {
            let meeting = Barrier::new(2);
            pool.scope(|s| {
                for _ in 0..round % 50 {
                    s.spawn(|| work(10));
                }
                s.spawn(|| meeting.wait());
                for _ in 0..round % 30 {
                    s.spawn(|| work(10));
                }
                s.spawn(|| meeting.wait());
            });
        }
    });
}

#[test]
fn handles_are_joined_by_other_threads_while_the_owner_ends_the_scope() {
    within(LIMIT, || {
        let pool = pool(2);
        let sum = AtomicUsize::new(0);
        for _ in 0..times(200, 3) {
            pool.scope(|s| {
                // The tasks of the second kind wait for those of the first, wherever these are.
                let handles: Vec<_> = (0..20).map(|n| s.spawn(move || n)).collect();
                for handle in handles {
                    let sum = &sum;
                    s.spawn(move || sum.fetch_add(handle.join(), SeqCst));
                }
            });
        }
        assert_eq!(sum.load(SeqCst), 190 * times(200, 3));
    });
}

#[test]
fn forgotten_handles_and_dropped_ones_lose_no_task() {
    within(LIMIT, || {
        everywhere(|pool| {
            let (ledger, ran) = (Ledger::new(), AtomicUsize::new(0));
            pool.scope(|s| {
                for n in 0..times(10_000, 30) {
                    let (token, ran) = (ledger.token(), &ran);
                    let handle = s.spawn(move || {
                        let _token = token;
                        ran.fetch_add(1, SeqCst);
                    });
                    if n % 2 == 0 {
                        std::mem::forget(handle);
                    }
                }
            });
            assert_eq!(ran.load(SeqCst), times(10_000, 30));
            ledger.assert_balanced();
        });
    });
}

#[test]
fn results_that_no_handle_wants_are_dropped_before_the_scope_ends() {
    within(LIMIT, || {
        everywhere(|pool| {
            for round in 0..times(100, 2) {
                let ledger = Ledger::new();
                pool.scope(|s| {
                    for n in 0..20 {
                        let token = ledger.token();
                        let handle = s.spawn(move || token);
                        if (n + round) % 3 == 0 {
                            work(200);
                        }
                        drop(handle);
                    }
                });
                ledger.assert_balanced();
            }
        });
    });
}

#[test]
fn a_scope_is_spawned_into_from_the_threads_of_another_pool() {
    within(LIMIT, || {
        let (pool, other) = (pool(2), pool(2));
        let ran = AtomicUsize::new(0);
        let add = || {
            ran.fetch_add(1, SeqCst);
        };
        for _ in 0..times(100, 2) {
            pool.scope(|s| {
                // Here, with the other pool as the current one; there, as tasks of the other pool; and from within those.
                other.install(|| s.spawn(add));
                other.scope(|t| {
                    for _ in 0..5 {
                        t.spawn(|| {
                            s.spawn(add);
                            t.spawn(|| {
                                s.spawn(add);
                            });
                        });
                    }
                    s.spawn(add);
                });
            });
        }
        assert_eq!(ran.load(SeqCst), 12 * times(100, 2));
    });
}

#[test]
fn more_scopes_at_once_than_desks() {
    within(LIMIT, || {
        let pool = pool(2);
        let count = times(40, 20);
        let all_in = Barrier::new(count);
        let ran = AtomicUsize::new(0);
        thread::scope(|threads| {
            for _ in 0..count {
                threads.spawn(|| {
                    for _ in 0..3 {
                        pool.scope(|s| {
                            all_in.wait();
                            for _ in 0..10 {
                                s.spawn(|| {
                                    s.spawn(|| ran.fetch_add(1, SeqCst));
                                });
                            }
                            let (a, b) = zp::join!(1, s.spawn(|| 2).join());
                            assert_eq!(a + b, 3);
                            all_in.wait();
                        });
                    }
                });
            }
        });
        assert_eq!(ran.load(SeqCst), 30 * count);
    });
}

#[test]
fn scopes_within_scopes_on_one_deque() {
    fn nest<'scope>(
        pool: &'scope zp::Pool,
        outer: &'scope zp::Scope<'scope, '_>,
        depth: usize,
        ran: &'scope AtomicUsize,
    ) {
        if depth == 0 {
            return;
        }
        outer.spawn(move || ran.fetch_add(1, SeqCst));
        pool.scope(|s| {
            s.spawn(|| ran.fetch_add(1, SeqCst));
            outer.spawn(move || ran.fetch_add(1, SeqCst));
            nest(pool, outer, depth - 1, ran);
            s.spawn(|| ran.fetch_add(1, SeqCst)).join();
            outer.spawn(move || nest(pool, outer, depth - 1, ran));
        });
    }
    /// Four tasks here, and what two nests one smaller make.
    fn expected(depth: usize) -> usize {
        if depth == 0 {
            0
        } else {
            4 + 2 * expected(depth - 1)
        }
    }
    within(LIMIT, || {
        let depth = times(8, 3);
        everywhere(move |pool| {
            for busy in [false, true] {
                // With the others busy, the owner is more or less alone.
                let _busy = busy.then(|| occupy(pool, pool.workers() - 1));
                let ran = AtomicUsize::new(0);
                pool.scope(|s| nest(pool, s, depth, &ran));
                assert_eq!(ran.load(SeqCst), expected(depth));
            }
        });
    });
}

/// Keeps a worker until it is released and `shutdown_now` has marked what is queued: it refuses new tasks before that.
#[zp::task]
fn keeps_busy(begun: Arc<Gate>, release: Arc<Gate>, #[cx] cx: &mut zp::Context<'_>) {
    begun.open();
    release.wait();
    while !cx.is_cancelled() {
        thread::yield_now();
    }
}

#[test]
fn a_scopes_own_tasks_survive_the_end_of_the_pool() {
    // Nobody can help the owner, and whoever ends the pool at once looks into every deque.
    within(LIMIT, || {
        for _ in 0..times(20, 1) {
            let pool = pool(1);
            let (begun, release) = (Arc::new(Gate::new()), Arc::new(Gate::new()));
            drop(pool.spawn(keeps_busy::new(Arc::clone(&begun), Arc::clone(&release))));
            begun.wait();
            let (ran, ended) = (AtomicUsize::new(0), Gate::new());
            let owned = Arc::new(AtomicUsize::new(0));
            thread::scope(|threads| {
                pool.scope(|s| {
                    for n in 0..30 {
                        s.spawn(|| ran.fetch_add(1, SeqCst));
                        if n % 10 == 5 {
                            let owned = Arc::clone(&owned);
                            drop(pool.spawn(move || owned.fetch_add(1, SeqCst)));
                        }
                    }
                    threads.spawn(|| {
                        pool.shutdown_now();
                        ended.open();
                    });
                    // The pool refuses owned tasks from now on.
                    while !pool.spawn(|| ()).wait().is_err_and(|e| e.is_rejected()) {}
                });
                let all_ran = ran.load(SeqCst);
                release.open();
                ended.wait();
                assert_eq!(all_ran, 30);
                assert_eq!(owned.load(SeqCst), 0, "an owned task ran after all");
            });
        }
    });
}

#[test]
fn tasks_of_all_priorities_in_one_scope() {
    use zp::{Priority, SpawnOptions};
    within(LIMIT, || {
        everywhere(|pool| {
            for busy in [false, true] {
                let _busy = busy.then(|| occupy(pool, pool.workers() - 1));
                let ran = AtomicUsize::new(0);
                pool.scope(|s| {
                    for n in 0..times(300, 12) {
                        let priority = [Priority::Low, Priority::Normal, Priority::High][n % 3];
                        let options = SpawnOptions::new().priority(priority);
                        s.spawn_with(|| ran.fetch_add(1, SeqCst), options);
                        s.spawn(|| ran.fetch_add(1, SeqCst));
                    }
                });
                assert_eq!(ran.load(SeqCst), 2 * times(300, 12));
            }
        });
    });
}
