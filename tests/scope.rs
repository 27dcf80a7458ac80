//! Scopes: what they wait for, who may spawn into them, and that they may be used from anywhere, again and again.

use crate::support::{Gate, LIMIT, on_worker, pool, times, within};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

type Scope<'scope, 'env> = zp::Scope<'scope, 'env>;

#[test]
fn the_example_of_the_contract() {
    #[zp::task]
    fn checksum(data: &[u8], seed: u64) -> u64 {
        data.iter()
            .fold(seed, |sum, &byte| sum * 31 + u64::from(byte))
    }

    within(LIMIT, || {
        let pool = zp::Pool::builder()
            .workers(8)
            .scheduling(zp::Scheduling::WorkStealing)
            .build()
            .unwrap();
        let (a, b) = (vec![1, 2, 3], vec![4, 5, 6]);
        let printed = AtomicUsize::new(0);
        let mut out = 0;
        let x = pool.scope(|s| {
            let h = s.spawn(checksum { data: &a, seed: 1 });
            s.spawn_into(checksum { data: &b, seed: 2 }, &mut out);
            s.spawn(|| printed.fetch_add(1, SeqCst));
            h.join()
        });
        assert_eq!((x, out), (checksum(&a, 1), checksum(&b, 2)));
        assert_eq!(printed.load(SeqCst), 1);
    });
}

#[test]
fn a_scope_returns_when_every_task_has_ended() {
    within(LIMIT, || {
        let pool = pool(3);
        for _ in 0..times(100, 3) {
            let ended = AtomicUsize::new(0);
            pool.scope(|s| {
                for _ in 0..10 {
                    s.spawn(|| {
                        thread::yield_now();
                        ended.fetch_add(1, SeqCst);
                    });
                }
            });
            assert_eq!(ended.load(SeqCst), 10);
        }
    });
}

#[test]
fn a_scope_waits_for_a_task_that_sleeps() {
    within(LIMIT, || {
        let pool = pool(2);
        let mut slept = false;
        pool.scope(|s| {
            let begun = Gate::new();
            // Once a worker has it, the caller has nothing to do but to sleep.
            let (begun, slept) = (&*Box::leak(Box::new(begun)), &mut slept);
            s.spawn(move || {
                begun.open();
                thread::sleep(Duration::from_millis(30));
                *slept = true;
            });
            begun.wait();
        });
        assert!(slept);
    });
}

#[test]
fn tasks_borrow_mutably_from_the_callers_stack() {
    within(LIMIT, || {
        let mut parts = [vec![3, 1, 2], vec![9, 8], vec![5]];
        let mut longest = 0;
        zp::scope(|s| {
            for part in &mut parts {
                s.spawn(|| part.sort_unstable());
            }
            longest = 3;
        });
        assert_eq!(parts, [vec![1, 2, 3], vec![8, 9], vec![5]]);
        assert_eq!(longest, 3);
    });
}

fn spread<'scope, 'env>(s: &'scope Scope<'scope, 'env>, depth: u32, leaves: &'env AtomicUsize) {
    if depth == 0 {
        leaves.fetch_add(1, SeqCst);
        return;
    }
    for _ in 0..2 {
        s.spawn(move || spread(s, depth - 1, leaves));
    }
}

#[test]
fn tasks_spawn_into_the_scope_they_run_in() {
    within(LIMIT, || {
        let depth = times(12, 4) as u32;
        for workers in [1, 2, 4] {
            let pool = pool(workers);
            let leaves = AtomicUsize::new(0);
            pool.scope(|s| spread(s, depth, &leaves));
            assert_eq!(leaves.load(SeqCst), 1 << depth);
        }
    });
}

#[test]
fn a_join_arm_spawns_into_an_outer_scope() {
    within(LIMIT, || {
        let pool = pool(2);
        let count = AtomicUsize::new(0);
        let joins = times(200, 5);
        pool.scope(|s| {
            let add = || {
                s.spawn(|| count.fetch_add(1, SeqCst));
            };
            for _ in 0..joins {
                zp::join!(
                    {
                        add();
                        zp::join!(add(), add());
                    },
                    add()
                );
            }
        });
        assert_eq!(count.load(SeqCst), 4 * joins);
    });
}

fn scopes_in_scopes(pool: &zp::Pool, depth: usize) -> usize {
    if depth == 0 {
        return 1;
    }
    let (mut a, mut b) = (0, 0);
    pool.scope(|s| {
        s.spawn_into(|| scopes_in_scopes(pool, depth - 1), &mut a);
        s.spawn_into(|| zp::scope(|_| scopes_in_scopes(pool, depth - 1)), &mut b);
    });
    a + b
}

#[test]
fn scopes_nest_recursively() {
    within(LIMIT, || {
        let depth = times(9, 3);
        for workers in [1, 2, 5] {
            let pool = pool(workers);
            assert_eq!(scopes_in_scopes(&pool, depth), 1 << depth);
        }
    });
}

#[test]
fn ten_thousand_scopes_in_a_row() {
    within(LIMIT, || {
        let pool = pool(2);
        let count = times(10_000, 30);
        let rows = move |pool: &zp::Pool| {
            let mut total = 0;
            for _ in 0..count {
                let mut one = 0;
                pool.scope(|s| {
                    s.spawn_into(|| 1, &mut one);
                });
                total += one;
            }
            total
        };
        assert_eq!(rows(&pool), count);
        let inner = pool.clone();
        assert_eq!(on_worker(&pool, move || rows(&inner)), count);
    });
}

#[test]
fn a_scope_takes_very_many_tasks() {
    within(LIMIT, || {
        let pool = pool(2);
        let mut out = vec![0; times(100_000, 100)];
        let total = out.len() as u64;
        pool.scope(|s| {
            for (n, slot) in (1..).zip(&mut out) {
                s.spawn_into(move || n, slot);
            }
        });
        assert_eq!(out.iter().sum::<u64>(), total * (total + 1) / 2);
    });
}

#[test]
fn scopes_from_several_threads_share_one_pool() {
    within(LIMIT, || {
        let pool = pool(2);
        thread::scope(|threads| {
            for n in 0..6 {
                let pool = &pool;
                threads.spawn(move || {
                    for round in 0..times(200, 3) {
                        let mut out = [0; 20];
                        pool.scope(|s| {
                            for (m, slot) in out.iter_mut().enumerate() {
                                s.spawn_into(move || n * round + m, slot);
                            }
                        });
                        assert!(out.iter().enumerate().all(|(m, &x)| x == n * round + m));
                    }
                });
            }
        });
    });
}

#[test]
fn a_scope_is_a_value_of_its_body_and_of_install() {
    within(LIMIT, || {
        let pool = pool(1);
        let text = String::from("borrowed");
        let slice: &str = pool.scope(|_| &text[..3]);
        assert_eq!(slice, "bor");
        let workers = pool.install(|| zp::scope(|s| s.spawn(Workers).join()));
        assert_eq!(workers, 1);
    });
}

struct Workers;

impl zp::Task for Workers {
    type Output = usize;

    fn run(self, cx: &mut zp::Context<'_>) -> usize {
        cx.pool().workers()
    }
}
