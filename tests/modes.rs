//! The same behaviour in every scheduling mode, with and without a bound on the queue (covers A7, C1, C3, C4).

use crate::support::{Gate, LIMIT, Ledger, message, occupy, on_worker, panic_of, times, within};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use zp::{Scheduling, TaskError, TrySpawnError, WhenFull};

const MODES: [Scheduling; 3] = [
    Scheduling::WorkStealing,
    Scheduling::GlobalFifo,
    Scheduling::Locked,
];

const POLICIES: [WhenFull; 3] = [WhenFull::Block, WhenFull::Fail, WhenFull::RunInCaller];

fn pool(mode: Scheduling, workers: usize) -> zp::Pool {
    let builder = zp::Pool::builder().workers(workers).scheduling(mode);
    builder.build().unwrap()
}

fn bounded(mode: Scheduling, workers: usize, capacity: usize, policy: WhenFull) -> zp::Pool {
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
struct Order(Arc<Mutex<Vec<usize>>>);

impl Order {
    fn push(&self, n: usize) {
        self.0.lock().unwrap().push(n);
    }

    fn take(&self) -> Vec<usize> {
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

#[test]
fn a_full_queue_gives_the_task_back() {
    within(LIMIT, || {
        for mode in MODES {
            for policy in POLICIES {
                for capacity in [1, 2, 5, 100] {
                    let pool = bounded(mode, 1, capacity, policy);
                    let busy = occupy(&pool, 1);
                    let ledger = Ledger::new();
                    let handles: Vec<_> = (0..capacity)
                        .map(|n| pool.try_spawn(move || n).unwrap())
                        .collect();
                    let token = ledger.token();
                    let error = pool.try_spawn(move || drop(token)).unwrap_err();
                    assert_eq!(error.to_string(), "the pool's queue is full");
                    assert_eq!(format!("{error:?}"), "Full(..)");
                    assert!(error.is_full() && !error.is_closed());
                    assert_eq!(ledger.dropped(), 0);
                    error.into_inner()();
                    ledger.assert_balanced();
                    assert!(!pool.wait_idle_timeout(Duration::ZERO));
                    drop(busy);
                    for (n, handle) in handles.into_iter().enumerate() {
                        assert_eq!(handle.wait().unwrap(), n);
                    }
                    // What was given back is not waited for.
                    pool.wait_idle();
                }
            }
        }
    });
}

#[test]
fn a_full_queue_can_refuse() {
    within(LIMIT, || {
        for mode in MODES {
            let pool = bounded(mode, 1, 2, WhenFull::Fail);
            let busy = occupy(&pool, 1);
            let ledger = Ledger::new();
            let tokens: Vec<_> = (0..4).map(|_| ledger.token()).collect();
            let handles: Vec<_> = tokens
                .into_iter()
                .map(|token| pool.spawn(move || drop(token)))
                .collect();
            assert_eq!(ledger.dropped(), 2, "the refused ones are dropped");
            let refused: Vec<_> = handles.iter().map(zp::JoinHandle::is_complete).collect();
            assert_eq!(refused, [false, false, true, true]);
            drop(busy);
            for (handle, refused) in handles.into_iter().zip(refused) {
                match handle.wait() {
                    Ok(()) => assert!(!refused),
                    Err(error) => assert!(refused && error.is_rejected(), "{error}"),
                }
            }
            ledger.assert_balanced();
        }
    });
}

#[test]
fn a_full_queue_can_make_the_caller_run_the_task() {
    within(LIMIT, || {
        for mode in MODES {
            let pool = bounded(mode, 1, 2, WhenFull::RunInCaller);
            let busy = occupy(&pool, 1);
            let here = thread::current().id();
            let queued: Vec<_> = (0..2).map(|n| pool.spawn(move || n)).collect();
            let ran = pool.spawn(move || thread::current().id() == here);
            assert!(ran.is_complete() && ran.wait().unwrap());
            let panicked = pool.spawn(|| -> u8 { panic!("at once") });
            assert!(panicked.is_complete() && panicked.wait().unwrap_err().is_panic());
            pool.scope(|s| {
                let borrowed = s.spawn(|| thread::current().id() == here);
                assert!(borrowed.join());
            });
            drop(busy);
            for (n, handle) in queued.into_iter().enumerate() {
                assert_eq!(handle.wait().unwrap(), n);
            }
        }
    });
}

#[test]
fn a_full_queue_can_make_the_caller_wait() {
    within(LIMIT, || {
        for mode in MODES {
            let pool = bounded(mode, 1, 2, WhenFull::Block);
            let busy = occupy(&pool, 1);
            let queued: Vec<_> = (0..2).map(|n| pool.spawn(move || n)).collect();
            let (begun, through) = (Gate::new(), AtomicUsize::new(0));
            thread::scope(|threads| {
                for _ in 0..3 {
                    threads.spawn(|| {
                        begun.open();
                        let handle = pool.spawn(|| 7);
                        through.fetch_add(1, SeqCst);
                        assert_eq!(handle.wait().unwrap(), 7);
                    });
                }
                begun.wait();
                thread::sleep(Duration::from_millis(50));
                assert_eq!(through.load(SeqCst), 0, "there is no room");
                drop(busy);
            });
            assert_eq!(through.load(SeqCst), 3);
            for (n, handle) in queued.into_iter().enumerate() {
                assert_eq!(handle.wait().unwrap(), n);
            }
        }
    });
}

/// Somebody waits for room while the only worker is busy; another thread runs one of the queued tasks itself, which makes room.
#[test]
fn a_task_that_its_waiter_runs_makes_room() {
    within(LIMIT, || {
        for mode in MODES {
            for capacity in [1, 100] {
                let pool = bounded(mode, 1, capacity, WhenFull::Block);
                let busy = occupy(&pool, 1);
                let mut queued: Vec<_> = (0..capacity).map(|n| pool.spawn(move || n)).collect();
                thread::scope(|threads| {
                    let late = threads.spawn(|| pool.spawn(|| 7));
                    thread::sleep(Duration::from_millis(20));
                    let newest = queued.pop().unwrap();
                    assert_eq!(newest.wait().unwrap(), capacity - 1);
                    assert_eq!(late.join().unwrap().wait().unwrap(), 7);
                });
                drop(busy);
            }
        }
    });
}

/// When dropped, lets another thread go ahead and waits until it is through.
struct WaitsInDrop(Arc<[Gate; 2]>);

impl Drop for WaitsInDrop {
    fn drop(&mut self) {
        let [ahead, through] = &*self.0;
        ahead.open();
        through.wait();
    }
}

/// There is room from when the other thread has begun to run the task, or to drop it, not only once that is over: it may wait
/// for who waits for room.
fn makes_room_at_once(is_awaited_before: bool) {
    let end = |task: zp::JoinHandle<()>, cancels: bool| {
        if cancels {
            assert!(task.cancel());
        } else {
            task.wait().unwrap();
        }
    };
    let priorities = [zp::Priority::Normal, zp::Priority::High];
    for (mode, priority) in MODES
        .into_iter()
        .flat_map(|mode| priorities.map(|p| (mode, p)))
    {
        let options = zp::SpawnOptions::new().priority(priority);
        for (capacity, cancels) in [(1, false), (100, false), (1, true), (100, true)] {
            let pool = bounded(mode, 1, capacity, WhenFull::Block);
            let busy = occupy(&pool, 1);
            let gates = Arc::new([Gate::new(), Gate::new()]);
            let waits = WaitsInDrop(Arc::clone(&gates));
            let first = pool.spawn_with(move || drop(waits), options);
            let others: Vec<_> = (1..capacity)
                .map(|n| pool.spawn_with(move || n, options))
                .collect();
            thread::scope(|threads| {
                threads.spawn(|| {
                    let [ahead, through] = &*gates;
                    if !is_awaited_before {
                        ahead.wait();
                    }
                    let late = pool.spawn_with(|| 7, options);
                    through.open();
                    assert_eq!(late.wait().unwrap(), 7);
                });
                if is_awaited_before {
                    thread::sleep(Duration::from_millis(20));
                }
                end(first, cancels);
            });
            drop((others, busy));
        }
    }
}

#[test]
fn a_task_that_another_thread_has_begun_or_cancelled_makes_room() {
    within(LIMIT, || makes_room_at_once(false));
}

#[test]
fn a_task_that_another_thread_begins_or_cancels_wakes_who_waits_for_room() {
    within(LIMIT, || makes_room_at_once(true));
}

#[test]
fn entries_of_tasks_that_their_waiters_have_run_do_not_fill_the_queue() {
    within(LIMIT, || {
        for mode in MODES {
            for policy in POLICIES {
                for capacity in [1, 4, 200] {
                    let pool = bounded(mode, 1, capacity, policy);
                    let busy = occupy(&pool, 1);
                    for n in 0..times(1000, 10) {
                        assert_eq!(pool.spawn(move || n).wait().unwrap(), n);
                        assert_eq!(pool.scope(|s| s.spawn(|| n).join()), n);
                    }
                    let mut room = 0;
                    let mut handles = Vec::new();
                    while let Ok(handle) = pool.try_spawn(|| ()) {
                        handles.push(handle);
                        room += 1;
                    }
                    assert!(room * 4 >= capacity * 3, "{room} of {capacity}");
                    assert!(room <= capacity);
                    drop(busy);
                }
            }
        }
    });
}

#[test]
fn a_worker_is_never_held_up_by_the_bound() {
    within(LIMIT, || {
        for mode in MODES {
            for policy in POLICIES {
                let pool = bounded(mode, 1, 2, policy);
                let ran = Arc::new(AtomicUsize::new(0));
                let inner = Arc::clone(&ran);
                let count = times(1000, 10);
                let spawned_at_once = on_worker(&pool, move || {
                    let pool_tasks = (0..count).map(|_| {
                        let ran = Arc::clone(&inner);
                        zp::spawn(move || ran.fetch_add(1, SeqCst))
                    });
                    let handles: Vec<_> = pool_tasks.collect();
                    let at_once = inner.load(SeqCst);
                    drop(handles);
                    at_once
                });
                assert_eq!(
                    spawned_at_once, 0,
                    "there is one worker, and it was spawning"
                );
                pool.wait_idle();
                assert_eq!(ran.load(SeqCst), count);
            }
        }
    });
}

#[test]
fn nothing_is_lost_between_many_submitters_and_a_small_queue() {
    within(LIMIT, || {
        for mode in MODES {
            for policy in POLICIES {
                let pool = bounded(mode, 2, 4, policy);
                let (ran, refused) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
                let each = times(2000, 20);
                thread::scope(|threads| {
                    for submitter in 0..4 {
                        let (pool, ran, refused) = (&pool, &ran, &refused);
                        threads.spawn(move || {
                            for n in 0..each {
                                let ran = Arc::clone(ran);
                                let handle = pool.spawn(move || ran.fetch_add(1, SeqCst));
                                if (n + submitter) % 3 == 0
                                    && matches!(handle.wait(), Err(TaskError::Rejected))
                                {
                                    refused.fetch_add(1, SeqCst);
                                }
                            }
                        });
                    }
                });
                pool.wait_idle();
                let (ran, refused) = (ran.load(SeqCst), refused.load(SeqCst));
                if policy == WhenFull::Fail {
                    assert!(ran + refused <= 4 * each);
                } else {
                    assert_eq!((ran, refused), (4 * each, 0), "{mode:?} {policy:?}");
                }
            }
        }
    });
}

#[test]
fn shutdown_waits_for_who_waits_for_room() {
    within(LIMIT, || {
        for mode in MODES {
            for _ in 0..times(20, 1) {
                let pool = bounded(mode, 1, 1, WhenFull::Block);
                let busy = occupy(&pool, 1);
                let (ran, accepted) = (AtomicUsize::new(0), AtomicUsize::new(0));
                thread::scope(|threads| {
                    for _ in 0..4 {
                        threads.spawn(|| {
                            let handle = pool.spawn(|| ());
                            match handle.wait() {
                                Ok(()) => accepted.fetch_add(1, SeqCst),
                                Err(error) => {
                                    assert!(error.is_rejected());
                                    ran.fetch_add(1, SeqCst)
                                }
                            };
                        });
                        // Borrowed tasks may wait for room when the threads go.
                        threads.spawn(|| {
                            let sum: usize = pool.scope(|s| {
                                let handles: Vec<_> = (0..5).map(|n| s.spawn(move || n)).collect();
                                handles.into_iter().map(zp::Handle::join).sum()
                            });
                            assert_eq!(sum, 10);
                        });
                    }
                    threads.spawn(|| pool.shutdown());
                    threads.spawn(|| drop(busy));
                });
                assert_eq!(ran.load(SeqCst) + accepted.load(SeqCst), 4);
            }
        }
    });
}

#[test]
fn shutdown_now_cancels_what_waits_for_room() {
    within(LIMIT, || {
        for mode in MODES {
            let pool = bounded(mode, 1, 1, WhenFull::Block);
            let busy = occupy(&pool, 1);
            let mut queued = pool.spawn(|| ());
            let begun = Gate::new();
            thread::scope(|threads| {
                for _ in 0..3 {
                    threads.spawn(|| {
                        begun.open();
                        let error = pool.spawn(|| ()).wait().unwrap_err();
                        assert!(error.is_cancelled() || error.is_rejected(), "{error}");
                    });
                }
                begun.wait();
                thread::sleep(Duration::from_millis(20));
                threads.spawn(|| pool.shutdown_now());
                let end = queued.wait_timeout(LIMIT).unwrap();
                assert!(end.is_err_and(|error| error.is_cancelled()));
                drop(busy);
            });
        }
    });
}

#[test]
fn each_priority_has_the_bound_and_the_urgent_come_first() {
    within(LIMIT, || {
        for mode in MODES {
            let pool = bounded(mode, 1, 2, WhenFull::Fail);
            let busy = occupy(&pool, 1);
            let order = Order::default();
            let priorities = [zp::Priority::Low, zp::Priority::Normal, zp::Priority::High];
            let handles: Vec<_> = (0..9)
                .map(|n| {
                    let options = zp::SpawnOptions::new().priority(priorities[n / 3]);
                    let order = order.clone();
                    pool.spawn_with(move || order.push(n), options)
                })
                .collect();
            drop(busy);
            pool.wait_idle();
            assert_eq!(order.take(), [6, 7, 3, 4, 0, 1], "{mode:?}");
            for (n, handle) in handles.into_iter().enumerate() {
                assert_eq!(handle.wait().is_err_and(|e| e.is_rejected()), n % 3 == 2);
            }
        }
    });
}

#[test]
fn a_full_lane_makes_the_caller_wait_or_run_the_task() {
    within(LIMIT, || {
        for mode in MODES {
            for policy in [WhenFull::Block, WhenFull::RunInCaller] {
                let pool = bounded(mode, 1, 1, policy);
                let ran = Arc::new(AtomicUsize::new(0));
                thread::scope(|threads| {
                    for _ in 0..2 {
                        threads.spawn(|| {
                            let high = zp::SpawnOptions::new().priority(zp::Priority::High);
                            for n in 0..times(500, 10) {
                                let ran = Arc::clone(&ran);
                                let handle =
                                    pool.spawn_with(move || ran.fetch_add(1, SeqCst), high);
                                if n % 3 == 0 {
                                    handle.wait().unwrap();
                                }
                            }
                        });
                    }
                });
                pool.wait_idle();
                assert_eq!(ran.load(SeqCst), 2 * times(500, 10));
            }
        }
    });
}

#[test]
fn bad_bounds_are_refused() {
    for capacity in [0, (1 << 24) + 1, usize::MAX] {
        let builder = zp::Pool::builder().workers(1).queue_capacity(capacity);
        let error = builder.build().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("invalid `queue_capacity`: {capacity}; valid: 1 to 16777216")
        );
    }
    let task = TrySpawnError::Full(1);
    let error: Box<dyn std::error::Error + Send + Sync> = Box::new(task);
    assert_eq!(error.to_string(), "the pool's queue is full");
}
