//! Threads that are not the pool's own: more of them than the pool has desks, and threads that are about to end.

use crate::support::{Gate, LIMIT, occupy, panic_of, pool, times, within};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

/// More than the 16 desks that a pool has for guests.
const CROWD: usize = 24;

fn sum(from: u64, to: u64) -> u64 {
    if to - from < 4 {
        return (from..to).sum();
    }
    let middle = from + (to - from) / 2;
    let (a, b) = zp::join!(sum(from, middle), sum(middle, to));
    a + b
}

/// Runs `f` on many threads that are all inside a scope's end, a join or a handle's wait of `pool` meanwhile.
fn crowded<R>(pool: &zp::Pool, f: impl FnOnce() -> R) -> R {
    let (inside, release) = (Barrier::new(CROWD + 1), Gate::new());
    thread::scope(|threads| {
        struct Open<'a>(&'a Gate);
        impl Drop for Open<'_> {
            fn drop(&mut self) {
                self.0.open();
            }
        }
        for _ in 0..CROWD {
            threads.spawn(|| {
                // Inside the first arm the thread is at a desk, if there was one.
                let arm = || {
                    inside.wait();
                    release.wait();
                };
                pool.install(|| zp::join(arm, || ()));
            });
        }
        let _open = Open(&release);
        inside.wait();
        f()
    })
}

#[test]
fn joins_scopes_and_handles_work_without_a_desk() {
    within(LIMIT, || {
        let pool = pool(2);
        crowded(&pool, || {
            assert_eq!(
                pool.install(|| sum(0, times(1000, 20) as u64)),
                (0..times(1000, 20) as u64).sum()
            );
            let mut out = vec![0; times(1000, 10)];
            let total = pool.scope(|s| {
                for (n, slot) in out.iter_mut().enumerate() {
                    s.spawn_into(move || n, slot);
                }
                s.spawn(|| zp::scope(|s| s.spawn(|| 3).join())).join()
            });
            assert!(out.iter().enumerate().all(|(n, &x)| n == x));
            assert_eq!(total, 3);
            assert_eq!(pool.spawn(|| sum(0, 100)).wait().unwrap(), 4950);
            let result: Result<_, ()> =
                pool.install(|| zp::try_join!(Ok(1), Ok(2), Err::<u8, _>(())));
            assert_eq!(result, Err(()));
        });
    });
}

#[test]
fn panics_are_delivered_without_a_desk() {
    within(LIMIT, || {
        let pool = pool(2);
        crowded(&pool, || {
            assert_eq!(
                panic_of(|| pool.install(|| zp::join!(panic!("a"), panic!("b")))),
                "a"
            );
            assert_eq!(
                panic_of(|| pool.install(|| zp::join!((), panic!("b")))),
                "b"
            );
            assert_eq!(
                panic_of(|| pool.scope(|s| drop(s.spawn(|| panic!("task"))))),
                "task"
            );
        });
    });
}

#[test]
fn a_task_run_without_a_desk_is_inside_the_pool() {
    within(LIMIT, || {
        let pool = pool(1);
        let busy = occupy(&pool, 1);
        crowded(&pool, || {
            let inner = pool.clone();
            let handle = pool.spawn(move || inner.wait_idle_timeout(Duration::from_millis(10)));
            let error = handle.wait().expect_err("it would wait for itself");
            assert!(error.is_panic(), "{error}");
        });
        drop(busy);
    });
}

#[test]
fn many_callers_use_a_small_pool_at_once() {
    within(LIMIT, || {
        let pool = pool(2);
        thread::scope(|threads| {
            for _ in 0..CROWD {
                threads.spawn(|| {
                    for _ in 0..times(50, 1) {
                        assert_eq!(pool.install(|| sum(0, 200)), 19_900);
                        let mut out = [0; 10];
                        pool.scope(|s| {
                            for slot in &mut out {
                                s.spawn_into(|| sum(0, 20), slot);
                            }
                        });
                        assert_eq!(out, [190; 10]);
                        assert_eq!(pool.spawn(|| sum(0, 10)).wait().unwrap(), 45);
                    }
                });
            }
        });
    });
}

#[test]
fn short_lived_threads_come_and_go() {
    within(LIMIT, || {
        let pool = pool(2);
        for _ in 0..times(300, 3) {
            thread::scope(|threads| {
                for _ in 0..2 {
                    threads.spawn(|| pool.scope(|s| s.spawn(|| sum(0, 50)).join()));
                }
            });
        }
    });
}

/// Uses a pool when it is dropped.
struct AtExit {
    pool: zp::Pool,
    sums: Arc<AtomicUsize>,
}

impl Drop for AtExit {
    fn drop(&mut self) {
        let joined = self.pool.install(|| sum(0, 100));
        let scoped = self.pool.scope(|s| s.spawn(|| sum(0, 100)).join());
        let owned = self.pool.spawn(|| sum(0, 100)).wait().unwrap_or(4950);
        let global = zp::join!(sum(0, 50), sum(50, 100));
        assert_eq!(
            (joined, scoped, owned, global.0 + global.1),
            (4950, 4950, 4950, 4950)
        );
        self.sums.fetch_add(1, SeqCst);
    }
}

thread_local! {
    static EARLY: RefCell<Option<AtExit>> = const { RefCell::new(None) };
    static LATE: RefCell<Option<AtExit>> = const { RefCell::new(None) };
}

#[test]
fn joins_and_scopes_work_in_thread_local_destructors() {
    within(LIMIT, || {
        let pool = pool(2);
        let sums = Arc::new(AtomicUsize::new(0));
        let at_exit = || {
            Some(AtExit {
                pool: pool.clone(),
                sums: Arc::clone(&sums),
            })
        };
        for _ in 0..times(50, 1) {
            thread::scope(|threads| {
                // Destroyed before and after whatever the pool itself keeps per thread.
                let thread = threads.spawn(|| {
                    EARLY.set(at_exit());
                    assert_eq!(pool.install(|| sum(0, 10)), 45);
                    LATE.set(at_exit());
                });
                thread.join().unwrap();
            });
        }
        assert_eq!(sums.load(SeqCst), 2 * times(50, 1));
    });
}

#[test]
fn a_workers_thread_local_destructor_uses_its_pool() {
    within(LIMIT, || {
        let pool = pool(1);
        let sums = Arc::new(AtomicUsize::new(0));
        let other = crate::support::pool(1);
        let at_exit = AtExit {
            pool: other,
            sums: Arc::clone(&sums),
        };
        let set = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&set);
        drop(pool.spawn(move || {
            EARLY.set(Some(at_exit));
            flag.store(true, SeqCst);
        }));
        drop(pool);
        assert!(set.load(SeqCst));
        assert_eq!(sums.load(SeqCst), 1);
    });
}
