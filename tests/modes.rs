//! The same behaviour in every scheduling mode, with and without a bound on the queue (covers A7, C1, C3, C4).

use crate::support::{LIMIT, Ledger, message, occupy, on_worker, panic_of, times, within};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use zp::{Scheduling, TaskError, WhenFull};

pub(crate) const MODES: [Scheduling; 3] = [
    Scheduling::WorkStealing,
    Scheduling::GlobalFifo,
    Scheduling::Locked,
];

pub(crate) const POLICIES: [WhenFull; 3] = [WhenFull::Block, WhenFull::Fail, WhenFull::RunInCaller];

fn pool(mode: Scheduling, workers: usize) -> zp::Pool {
    let builder = zp::Pool::builder().workers(workers).scheduling(mode);
    builder.build().unwrap()
}

pub(crate) fn bounded(
    mode: Scheduling,
    workers: usize,
    capacity: usize,
    policy: WhenFull,
) -> zp::Pool {
    zp::Pool::builder()
        .workers(workers)
        .scheduling(mode)
        .queue_capacity(capacity)
        .when_full(policy)
        .build()
        .unwrap()
}

/// Every mode without a bound, and with a small one and each policy. Nothing of what `body` does may be refused.
fn in_every_mode(workers: usize, body: impl Fn(&zp::Pool) + Send + 'static) {
    within(LIMIT, move || {
        for mode in MODES {
            body(&pool(mode, workers));
            for policy in POLICIES {
                body(&bounded(mode, workers, 3, policy));
            }
        }
    });
}

/// Tasks are run by workers alone, in the order of their begin.
#[derive(Clone, Default)]
pub(crate) struct Order(Arc<Mutex<Vec<usize>>>);

impl Order {
    pub(crate) fn push(&self, n: usize) {
        self.0.lock().unwrap().push(n);
    }

    pub(crate) fn take(&self) -> Vec<usize> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn scopes_handles_and_slots() {
    in_every_mode(2, |pool| {
        for _ in 0..times(20, 2) {
            let numbers: Vec<usize> = (0..times(100, 10)).collect();
            let mut out = vec![0; numbers.len()];
            let sum: usize = pool.scope(|s| {
                for (n, slot) in numbers.iter().zip(&mut out) {
                    s.spawn_into(move || n * 2, slot);
                }
                let handles: Vec<_> = numbers.iter().map(|n| s.spawn(move || *n)).collect();
                handles.into_iter().map(zp::Handle::join).sum()
            });
            assert_eq!(sum, numbers.iter().sum());
            assert!(out.iter().zip(&numbers).all(|(out, n)| *out == n * 2));
        }
    });
}

fn tree(depth: usize) -> usize {
    if depth == 0 {
        return 1;
    }
    let (a, b) = match depth % 3 {
        0 => zp::join(|| tree(depth - 1), || tree(depth - 1)),
        1 => zp::scope(|s| {
            let a = s.spawn(move || tree(depth - 1));
            (tree(depth - 1), a.join())
        }),
        _ => {
            let a = zp::spawn(move || tree(depth - 1));
            (tree(depth - 1), a.wait().unwrap())
        }
    };
    a + b
}

#[test]
fn joins_scopes_and_owned_tasks_inside_each_other() {
    in_every_mode(2, |pool| {
        let depth = times(9, 4);
        assert_eq!(
            pool.install(|| zp::scope(|s| s.spawn(|| tree(depth)).join())),
            1 << depth
        );
        let on_a_worker = on_worker(pool, move || tree(depth));
        assert_eq!(on_a_worker, 1 << depth);
    });
}

#[test]
fn panics_arrive_once() {
    in_every_mode(2, |pool| {
        let ledger = Ledger::new();
        let text = panic_of(|| {
            pool.scope(|s| {
                for n in 0..10 {
                    let token = ledger.token();
                    s.spawn(move || {
                        let _token = token;
                        assert!(n != 5, "the fifth");
                    });
                }
            });
        });
        assert_eq!(text, "the fifth");
        let error = pool.scope(|s| s.spawn(|| -> u8 { panic!("mine") }).wait().unwrap_err());
        assert_eq!(message(&*error.into_panic().unwrap()), "mine");
        ledger.assert_balanced();
    });
}

#[test]
fn a_cancelled_task_does_not_run() {
    in_every_mode(1, |pool| {
        let busy = occupy(pool, 1);
        let ledger = Ledger::new();
        let token = ledger.token();
        let waiting = pool.spawn(move || drop(token));
        assert!(waiting.cancel());
        ledger.assert_balanced();
        assert!(waiting.wait().unwrap_err().is_cancelled());
        drop(busy);
        pool.shutdown();
    });
}

#[test]
fn whoever_waits_runs_what_it_waits_for_wherever_it_is_queued() {
    in_every_mode(1, |pool| {
        let busy = occupy(pool, 1);
        let strangers: Vec<_> = (0..2).map(|n| pool.spawn(move || n)).collect();
        let here = thread::current().id();
        let mine = pool.spawn(move || thread::current().id() == here);
        assert!(mine.wait().unwrap());
        assert!(strangers.iter().all(|stranger| !stranger.is_complete()));
        drop(busy);
        for (n, stranger) in strangers.into_iter().enumerate() {
            assert_eq!(stranger.wait().unwrap(), n);
        }
    });
}

#[test]
fn shutdown_runs_what_was_accepted_and_rejects_the_rest() {
    within(LIMIT, || {
        for mode in MODES {
            for policy in POLICIES {
                for workers in [1, 3] {
                    let pool = bounded(mode, workers, 8, policy);
                    let (ran, mut accepted) = (Arc::new(AtomicUsize::new(0)), 0);
                    for _ in 0..times(500, 20) {
                        let ran = Arc::clone(&ran);
                        let task = move || ran.fetch_add(1, SeqCst);
                        let mut handle = pool.spawn(task);
                        let rejected = matches!(
                            handle.wait_timeout(Duration::ZERO),
                            Some(Err(TaskError::Rejected))
                        );
                        accepted += usize::from(!rejected);
                        assert!(!rejected || policy == WhenFull::Fail);
                    }
                    pool.shutdown();
                    assert_eq!(ran.load(SeqCst), accepted);
                    assert!(pool.spawn(|| ()).wait().unwrap_err().is_rejected());
                    let refused = pool.try_spawn(|| 7).unwrap_err();
                    assert!(refused.is_closed() && !refused.is_full());
                    assert_eq!(refused.into_inner()(), 7);
                    // Scopes work on: their callers run everything, and nobody waits for room.
                    let mut out = [0; 20];
                    pool.scope(|s| {
                        for (n, slot) in out.iter_mut().enumerate() {
                            s.spawn_into(move || n, slot);
                        }
                    });
                    assert!(out.into_iter().eq(0..20));
                }
            }
        }
    });
}

#[test]
fn one_worker_runs_tasks_from_outside_first_in_first_out() {
    within(LIMIT, || {
        for mode in MODES {
            let pool = pool(mode, 1);
            let order = Order::default();
            let busy = occupy(&pool, 1);
            let count = times(3000, 30);
            for n in 0..count {
                let order = order.clone();
                drop(pool.spawn(move || order.push(n)));
            }
            drop(busy);
            pool.wait_idle();
            assert!(order.take().into_iter().eq(0..count), "{mode:?}");
        }
    });
}

#[test]
fn the_global_queue_is_first_in_first_out_for_workers_too() {
    within(LIMIT, || {
        for mode in MODES {
            let pool = pool(mode, 1);
            let order = Order::default();
            let inner = order.clone();
            on_worker(&pool, move || {
                for n in 0..10 {
                    let order = inner.clone();
                    drop(zp::spawn(move || {
                        order.push(n);
                        let order = order.clone();
                        drop(zp::spawn(move || order.push(10 + n)));
                    }));
                }
            });
            pool.wait_idle();
            let fifo = order.take().into_iter().eq(0..20);
            // On a deque of its own the newest comes first.
            assert_eq!(fifo, mode != Scheduling::WorkStealing, "{mode:?}");
        }
    });
}
