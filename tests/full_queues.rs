//! A queue with a bound: what happens when it is full, in every scheduling mode (covers C3).

use crate::modes::{MODES, Order, POLICIES, bounded};
use crate::support::{Gate, LIMIT, Ledger, occupy, on_worker, times, within};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;
use zp::{TaskError, TrySpawnError, WhenFull};

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
