//! Scopes whose home deque holds other things than their own tasks.

use crate::sync::thread;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// For the slowest: under a sanitizer, on a machine that is busy elsewhere.
const LIMIT: Duration = Duration::from_secs(120);

/// Calls `f` on a thread of its own with a pool whose only worker is held up meanwhile; fails if it takes too long.
fn with_nobody_to_help(f: impl FnOnce(&crate::Pool) + Send + 'static) {
    let (done, ended) = mpsc::channel();
    let thread = thread::spawn(move || {
        let pool = crate::Pool::builder().workers(1).build().unwrap();
        let (begun, has_begun) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let holder = pool.spawn(move || {
            begun.send(()).unwrap();
            let _ = released.recv();
        });
        has_begun.recv().unwrap();
        f(&pool);
        drop(release);
        holder.wait().unwrap();
        pool.wait_idle();
        done.send(()).unwrap();
    });
    if !cfg!(miri) && ended.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("the scope does not end");
    }
    thread.join().unwrap();
}

fn set(flag: &AtomicBool) {
    assert!(!flag.swap(true, SeqCst), "run twice");
}

/// Broken variants: `scope_stops_at_stranger`, `scope_lists_no_stranger`.
#[test]
fn strangers_on_the_deque_neither_run_nor_hide_what_lies_below() {
    with_nobody_to_help(|pool| {
        let [below, own, outer, last] = [const { AtomicBool::new(false) }; 4];
        let owned = Arc::new(AtomicBool::new(false));
        pool.scope(|s| {
            s.spawn(|| set(&below));
            pool.scope(|inner| {
                inner.spawn(|| set(&own));
                s.spawn(|| set(&outer));
                let owned = Arc::clone(&owned);
                drop(pool.spawn(move || set(&owned)));
                inner.spawn(|| set(&last));
            });
            assert!(own.load(SeqCst) && last.load(SeqCst));
            // Neither the tasks of the outer scope nor the owned one are part of what the inner scope's end waits for.
            assert!(!below.load(SeqCst) && !outer.load(SeqCst) && !owned.load(SeqCst));
        });
        assert!(below.load(SeqCst) && outer.load(SeqCst));
        assert!(!owned.load(SeqCst));
    });
}

/// The tasks of the scope themselves spawn into it and into another one around it.
#[test]
fn tasks_at_home_spawn_into_both_scopes() {
    with_nobody_to_help(|pool| {
        let (inner_ran, outer_ran) = (AtomicUsize::new(0), AtomicUsize::new(0));
        pool.scope(|s| {
            pool.scope(|inner| {
                for _ in 0..10 {
                    inner.spawn(|| {
                        s.spawn(|| outer_ran.fetch_add(1, SeqCst));
                        inner.spawn(|| inner_ran.fetch_add(1, SeqCst));
                        s.spawn(|| outer_ran.fetch_add(1, SeqCst));
                    });
                }
            });
            assert_eq!((inner_ran.load(SeqCst), outer_ran.load(SeqCst)), (10, 0));
        });
        assert_eq!(outer_ran.load(SeqCst), 20);
    });
}

/// A handle that claims its task leaves an entry on the deque.
#[test]
fn entries_of_claimed_tasks_on_the_deque_are_dropped() {
    with_nobody_to_help(|pool| {
        let ran = AtomicUsize::new(0);
        pool.scope(|s| {
            let add = || ran.fetch_add(1, SeqCst);
            let handles: Vec<_> = (0..20).map(|_| s.spawn(add)).collect();
            for (n, handle) in handles.into_iter().enumerate() {
                match n % 4 {
                    0 => drop(handle.join()),
                    1 => assert!(handle.cancel()),
                    2 => std::mem::forget(handle),
                    _ => {}
                }
            }
        });
        assert_eq!(ran.load(SeqCst), 15);
        // The blocks came back, save those of forgotten handles.
        pool.scope(|s| {
            for _ in 0..20 {
                s.spawn(|| ran.fetch_add(1, SeqCst));
            }
        });
        assert_eq!(ran.load(SeqCst), 35);
    });
}

/// Whoever joins the task it has spawned last takes its entry back.
#[test]
fn joins_at_once_leave_no_entries_behind() {
    with_nobody_to_help(|pool| {
        let entries = || -> usize {
            let slots = pool.registry().slots.iter();
            slots.map(|slot| slot.spawns.len()).sum()
        };
        pool.scope(|s| {
            let below = s.spawn(|| 1);
            for n in 0..50 {
                assert_eq!(s.spawn(move || n).join(), n);
                assert_eq!(entries(), 1);
            }
            // What lies below the mark of an inner scope stays there.
            pool.scope(|inner| {
                let mark = inner.spawn(|| 2);
                assert_eq!(below.join() + mark.join(), 3);
            });
            assert_eq!(entries(), 1);
        });
        assert_eq!(entries(), 0);
    });
}

#[test]
fn tasks_at_home_hide_no_owned_task_from_the_end_of_the_pool() {
    let pool = crate::Pool::builder().workers(1).build().unwrap();
    let (give, given) = mpsc::channel::<crate::JoinHandle<()>>();
    let (begun, has_begun) = mpsc::channel();
    let (tell, told) = mpsc::channel();
    let inner = pool.clone();
    let worker = pool.spawn(move || {
        begun.send(()).unwrap();
        let mut owned = given.recv().unwrap();
        inner.shutdown_now();
        tell.send(owned.wait_timeout(LIMIT)).unwrap();
    });
    has_begun.recv().unwrap();
    pool.scope(|s| {
        drop(s.spawn(|| ()));
        give.send(pool.spawn(|| ())).unwrap();
        let ended = told.recv().unwrap();
        assert!(ended.is_some_and(|ended| ended.is_err_and(|error| error.is_cancelled())));
    });
    drop(worker);
}

#[test]
fn what_others_claim_by_handle_does_not_fill_the_owners_deque() {
    with_nobody_to_help(|pool| {
        let n = if cfg!(miri) { 40 } else { 20_000 };
        let entries = || -> usize {
            let registry = pool.registry();
            let spawned = registry.slots.iter().map(|slot| slot.spawns.len());
            spawned.sum::<usize>() + registry.injector.len()
        };
        let most = AtomicUsize::new(0);
        pool.scope(|s| {
            let (give, given) = mpsc::sync_channel::<crate::Handle<'_, ()>>(0);
            thread::scope(|threads| {
                threads.spawn(move || given.into_iter().for_each(crate::Handle::join));
                for _ in 0..n {
                    give.send(s.spawn(|| ())).unwrap();
                    most.fetch_max(entries(), SeqCst);
                }
                drop(give);
            });
        });
        let (give, given) = mpsc::sync_channel::<crate::JoinHandle<()>>(0);
        thread::scope(|threads| {
            threads.spawn(move || given.into_iter().for_each(|handle| handle.wait().unwrap()));
            pool.scope(|_| {
                for _ in 0..n {
                    give.send(pool.spawn(|| ())).unwrap();
                    most.fetch_max(entries(), SeqCst);
                }
            });
            drop(give);
        });
        assert!(most.load(SeqCst) <= 6000, "{most:?}");
    });
}
