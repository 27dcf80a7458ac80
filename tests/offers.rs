//! When joins offer their arms, and that idle workers find what is on offer.

use crate::support::{Gate, LIMIT, on_worker, pool, times, within};
use std::hint::black_box;
use std::thread;
use std::time::Duration;

fn tiny(depth: u32) -> u64 {
    if depth == 0 {
        return 1;
    }
    let (a, b) = zp::join!(tiny(depth - 1), tiny(depth - 1));
    black_box(a + b)
}

/// A join whose first arm ends only after another thread has begun the second, and never makes another fork. Both are long.
fn join_that_needs_help() {
    let begun = Gate::new();
    zp::join!(
        {
            begun.wait();
            thread::sleep(Duration::from_micros(10));
        },
        {
            begun.open();
            thread::sleep(Duration::from_micros(10));
        }
    );
}

/// Runs `body` while a thread from outside holds a seat of `pool`, until `body` calls what it is given; then the seat is free.
fn beside_a_guest(pool: &zp::Pool, body: impl FnOnce(&(dyn Fn() + Sync))) {
    let (here, leave, left) = (Gate::new(), Gate::new(), Gate::new());
    thread::scope(|s| {
        s.spawn(|| {
            pool.install(|| {
                zp::join!(
                    {
                        here.open();
                        leave.wait();
                    },
                    ()
                )
            });
            left.open();
        });
        here.wait();
        body(&|| {
            leave.open();
            left.wait();
        });
    });
}

/// However quiet the thread has become by many small joins, and however long the others have slept: they come.
#[test]
fn a_coarse_fork_is_found_in_any_state() {
    within(LIMIT, || {
        for workers in [2, 3] {
            let pool = pool(workers);
            for idle in [0, 1, 30, 300, 3000] {
                for depth in [0, 4, 8, 14] {
                    on_worker(&pool, move || {
                        black_box(tiny(if cfg!(miri) { depth.min(4) } else { depth }));
                        thread::sleep(Duration::from_micros(idle));
                        join_that_needs_help();
                        black_box(tiny(depth.min(4)));
                        join_that_needs_help();
                    });
                    // From outside too.
                    pool.install(join_that_needs_help);
                }
                thread::sleep(Duration::from_micros(idle));
            }
        }
    });
}

/// The same from deep inside a quiet recursion: the place is known for long arms, or not known at all.
#[test]
fn a_coarse_fork_below_small_ones_is_found() {
    fn dig(depth: u32) {
        if depth == 0 {
            join_that_needs_help();
            return;
        }
        zp::join!(dig(depth - 1), black_box(depth));
    }
    within(LIMIT, || {
        let pool = pool(2);
        for depth in [1, 2, 5, 50] {
            on_worker(&pool, move || dig(depth));
            pool.install(|| dig(depth));
        }
    });
}

/// A worker that waits for a stolen fork helps with what that one forks, even if it has gone to sleep meanwhile.
#[test]
fn a_waiting_owner_comes_back_to_help() {
    within(LIMIT, || {
        let pool = pool(2);
        for idle in [0, 10, 100, 1000, 20_000] {
            on_worker(&pool, move || {
                let stolen = Gate::new();
                zp::join!(stolen.wait(), {
                    stolen.open();
                    thread::sleep(Duration::from_micros(idle));
                    black_box(tiny(6));
                    join_that_needs_help();
                });
            });
        }
    });
}

/// While an arm was stolen and its owner sleeps, a guest holds the other seat; the arm makes small joins until it pauses; then
/// the guest leaves, and the owner helps again.
#[test]
fn a_waiting_owner_that_lost_its_seat_comes_back() {
    within(LIMIT, || {
        for small in [0, 1000] {
            let pool = pool(2);
            let guest_pool = pool.clone();
            on_worker(&pool, move || {
                let stolen = Gate::new();
                zp::join!(stolen.wait(), {
                    stolen.open();
                    thread::sleep(Duration::from_millis(20));
                    beside_a_guest(&guest_pool, |leave| {
                        for _ in 0..small {
                            black_box(tiny(1));
                        }
                        leave();
                    });
                    join_that_needs_help();
                });
            });
        }
    });
}

/// The seat comes free only after the offer has been made.
#[test]
fn a_waiting_owner_is_told_of_a_free_seat() {
    within(LIMIT, || {
        let pool = pool(2);
        let guest_pool = pool.clone();
        on_worker(&pool, move || {
            let stolen = Gate::new();
            zp::join!(stolen.wait(), {
                stolen.open();
                thread::sleep(Duration::from_millis(20));
                let taken = Gate::new();
                beside_a_guest(&guest_pool, |leave| {
                    zp::join!(
                        {
                            leave();
                            taken.wait();
                        },
                        taken.open()
                    );
                });
            });
        });
    });
}

/// The arm that was stolen pauses inside a nested task, for which nobody waits; its owner sleeps, and helps again afterwards.
#[test]
fn a_pause_in_a_nested_task_ends_with_it() {
    within(LIMIT, || {
        let pool = pool(2);
        on_worker(&pool, || {
            let stolen = Gate::new();
            zp::join!(stolen.wait(), {
                stolen.open();
                thread::sleep(Duration::from_millis(20));
                zp::scope(|s| {
                    s.spawn(|| {
                        for _ in 0..times(100_000, 100) {
                            black_box(tiny(1));
                        }
                    });
                });
                join_that_needs_help();
            });
        });
    });
}

/// A place that lies below a small fork, and whose arms were short once, is noticed when they become long.
#[test]
fn a_place_whose_arms_become_long_is_noticed() {
    fn place(arm: Duration) -> bool {
        let (a, b) = zp::join!(
            {
                thread::sleep(arm);
                thread::current().id()
            },
            {
                thread::sleep(arm);
                thread::current().id()
            }
        );
        a != b
    }
    within(LIMIT, || {
        let pool = pool(2);
        on_worker(&pool, || {
            place(Duration::ZERO);
            let long = Duration::from_millis(2);
            // Below enough small forks that the thread is quiet.
            let below = || {
                zp::join(
                    || {
                        zp::join(
                            || zp::join(|| zp::join(|| place(long), || ()), || ()),
                            || (),
                        )
                    },
                    || (),
                )
            };
            let tries = (0..300).take_while(|_| !below().0.0.0.0).count();
            assert!(tries < 300, "never shared");
        });
    });
}

/// With nobody idle, small joins stop making offers: 16 for a start, and as many after each question.
#[test]
fn offers_that_do_not_pay_stop() {
    within(LIMIT, || {
        // So high a threshold that offers do not pay in a debug build either.
        let builder = zp::Pool::builder().workers(1);
        let pool = builder.promotion_threshold(1000).build().unwrap();
        on_worker(&pool, || {
            for _ in 0..times(1000, 10) {
                black_box(tiny(8));
            }
        });
        let total = pool.stats().total();
        let joins = times(1000, 10) as u64 * 255;
        if !cfg!(miri) {
            assert!(total.paused >= 1, "{total:?}");
            assert!(total.offered < joins / 4, "{total:?}");
        }
        assert_eq!((total.taken, total.stolen), (0, 0));
    });
}

/// The same for a long chain, in which no two forks are ever on offer at once.
#[test]
fn a_chain_of_small_arms_stops_making_offers() {
    fn chain(n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let (a, b) = zp::join(|| black_box(1), || chain(n - 1));
        a + b
    }
    within(LIMIT, || {
        let builder = zp::Pool::builder().workers(1);
        let pool = builder.promotion_threshold(1000).build().unwrap();
        let rounds = times(1000, 1) as u64;
        on_worker(&pool, move || {
            for _ in 0..rounds {
                assert_eq!(chain(100), 100);
            }
        });
        let total = pool.stats().total();
        if !cfg!(miri) {
            assert!(total.offered < rounds * 100 / 4, "{total:?}");
        }
    });
}

/// What was offered and taken adds up.
#[test]
fn statistics_agree_with_each_other() {
    within(LIMIT, || {
        let pool = pool(3);
        for _ in 0..times(20, 2) {
            on_worker(&pool, join_that_needs_help);
        }
        pool.scope(|s| {
            for _ in 0..10 {
                s.spawn(|| black_box(tiny(10)));
            }
        });
        let stats = pool.stats();
        let total = stats.total();
        assert_eq!(total.taken, total.stolen, "{stats}");
        assert!(total.taken >= times(20, 2) as u64, "{stats}");
        assert!(total.offered >= total.taken, "{stats}");
        assert_eq!(total.executed, total.spawned, "{stats}");
    });
}

/// A fold through joins gives the same bits, whoever computes which part.
#[test]
fn a_fold_is_the_same_with_any_number_of_workers() {
    fn fold(values: &[f32]) -> f32 {
        match values {
            [] => 0.0,
            [value] => *value,
            _ => {
                let (left, right) = values.split_at(values.len() / 2);
                let (left, right) = zp::join!(fold(left), fold(right));
                left * 1.000_1 + right
            }
        }
    }
    within(LIMIT, || {
        let values: Vec<f32> = (0..times(20_000, 200))
            .map(|n| 1.0 / (n as f32 + 0.1))
            .collect();
        let mut results = Vec::new();
        for workers in 1..=4 {
            let pool = pool(workers);
            for _ in 0..times(20, 2) {
                results.push(pool.install(|| fold(&values)).to_bits());
            }
        }
        results.dedup();
        assert_eq!(results.len(), 1, "{results:?}");
    });
}
