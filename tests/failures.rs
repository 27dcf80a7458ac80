//! A panic, an error or a cancellation of an owned task arrives exactly once at whoever waits, or at the panic handler, and everything
//! is dropped exactly once (covers C16).

use crate::support::{Gate, LIMIT, Ledger, Token, message, occupy, pool, times, within};
use std::mem::forget;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// A pool whose panic handler keeps what it is told.
fn recording(workers: usize) -> (zp::Pool, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&told);
    let pool = zp::Pool::builder()
        .workers(workers)
        .panic_handler(move |payload| record.lock().unwrap().push(message(&*payload)))
        .build()
        .unwrap();
    (pool, told)
}

/// How a task ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Value,
    Error,
    Panic,
    Cancelled,
    CancelledByShutdown,
}

/// What becomes of its handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Waited,
    WaitedElsewhere,
    TimedWait,
    Polled,
    DroppedBefore,
    DroppedAfter,
    Forgotten,
}

type Returned = Result<Token, Token>;

fn collect(mut handle: zp::JoinHandle<Returned>, fate: Fate) -> Result<Returned, zp::TaskError> {
    match fate {
        Fate::Waited => handle.wait(),
        Fate::WaitedElsewhere => thread::spawn(move || handle.wait()).join().unwrap(),
        Fate::TimedWait => loop {
            if let Some(result) = handle.wait_timeout(Duration::from_micros(50)) {
                return result;
            }
        },
        _ => loop {
            let cx = &mut Context::from_waker(Waker::noop());
            match std::pin::Pin::new(&mut handle).poll(cx) {
                Poll::Ready(result) => return result,
                Poll::Pending => thread::yield_now(),
            }
        },
    }
}

#[test]
fn every_end_meets_every_fate_of_the_handle() {
    use End::{Cancelled, CancelledByShutdown, Error, Panic, Value};
    use Fate::{
        DroppedAfter, DroppedBefore, Forgotten, Polled, TimedWait, Waited, WaitedElsewhere,
    };
    within(LIMIT, || {
        for end in [Value, Error, Panic, Cancelled, CancelledByShutdown] {
            for fate in [
                Waited,
                WaitedElsewhere,
                TimedWait,
                Polled,
                DroppedBefore,
                DroppedAfter,
                Forgotten,
            ] {
                for _ in 0..times(20, 1) {
                    check(end, fate);
                }
            }
        }
    });
}

fn check(end: End, fate: Fate) {
    let (pool, told) = recording(1);
    let (arguments, results) = (Ledger::new(), Ledger::new());
    let busy = occupy(&pool, 1);
    let (argument, result) = (arguments.token(), results.token());
    let handle = pool.spawn(move || -> Returned {
        let _argument = argument;
        match end {
            End::Error => Err(result),
            End::Panic => std::panic::panic_any(result),
            _ => Ok(result),
        }
    });
    let mut handle = Some(handle);
    if end == End::Cancelled {
        assert!(handle.as_ref().unwrap().cancel());
    }
    match fate {
        Fate::DroppedBefore => drop(handle.take()),
        Fate::Forgotten => forget(handle.take()),
        _ => {}
    }
    if end == End::CancelledByShutdown {
        // The busy task would be waited for, so from another thread.
        thread::scope(|threads| {
            threads.spawn(|| pool.shutdown_now());
            while arguments.dropped() == 0 {
                thread::yield_now();
            }
            drop(busy);
        });
    } else {
        drop(busy);
    }
    let case = format!("{end:?}, {fate:?}");
    let mut collected = 0;
    if let Some(handle) = handle {
        if fate == Fate::DroppedAfter {
            while !handle.is_complete() {
                thread::yield_now();
            }
            drop(handle);
        } else {
            match (collect(handle, fate), end) {
                (Ok(Ok(_)), End::Value) | (Ok(Err(_)), End::Error) => collected += 1,
                (Err(error), End::Panic) => {
                    let payload = error.into_panic().unwrap();
                    assert!(payload.is::<Token>(), "{case}");
                    collected += 1;
                }
                (Err(error), End::Cancelled | End::CancelledByShutdown) => {
                    assert!(error.is_cancelled(), "{case}");
                }
                (other, _) => panic!("{case}: {other:?}"),
            }
        }
    }
    pool.shutdown();
    arguments.assert_balanced();
    let unstarted = matches!(end, End::Cancelled | End::CancelledByShutdown);
    if fate == Fate::Forgotten && !unstarted {
        assert_eq!(
            results.dropped(),
            0,
            "{case}: a forgotten handle keeps the result"
        );
    } else {
        results.assert_balanced();
    }
    let told = told.lock().unwrap().len();
    let dropped = matches!(fate, Fate::DroppedBefore | Fate::DroppedAfter);
    assert_eq!(told, usize::from(dropped && end == End::Panic), "{case}");
    let stats = pool.stats().total();
    assert_eq!(stats.panicked, u64::from(end == End::Panic), "{case}");
    assert_eq!(stats.cancelled, u64::from(unstarted), "{case}");
    assert!(collected <= 1);
}

#[test]
fn what_a_cancelled_task_owned_may_panic_when_dropped() {
    within(LIMIT, || {
        let (pool, told) = recording(1);
        let ledger = Ledger::new();
        let busy = occupy(&pool, 1);
        let spawn = |text| {
            let bomb = ledger.bomb(text);
            pool.spawn(move || drop(bomb))
        };
        let by_handle = spawn("by its handle");
        assert!(by_handle.cancel());
        assert!(by_handle.wait().unwrap_err().is_cancelled());
        let by_shutdown = spawn("by shutdown");
        thread::scope(|threads| {
            threads.spawn(|| pool.shutdown_now());
            while !by_shutdown.is_complete() {
                thread::yield_now();
            }
            assert!(by_shutdown.wait().unwrap_err().is_cancelled());
            drop(busy);
        });
        assert_eq!(*told.lock().unwrap(), ["by its handle", "by shutdown"]);
        ledger.assert_balanced();
    });
}

#[test]
fn a_wait_with_a_limit_is_neither_early_nor_lost() {
    within(LIMIT, || {
        let pool = pool(2);
        for limit in [1, 5, 20].map(Duration::from_millis) {
            let gate = Arc::new(Gate::new());
            let release = Arc::clone(&gate);
            let mut handle = pool.spawn(move || release.wait());
            let begun = Instant::now();
            assert!(handle.wait_timeout(limit).is_none());
            assert!(begun.elapsed() >= limit, "early: {:?}", begun.elapsed());
            gate.open();
            assert!(handle.wait_timeout(LIMIT).unwrap().is_ok());
        }
        // The end of the wait meets the end of the task.
        for n in 0..times(3000, 10) {
            let mut handle = pool.spawn(move || {
                crate::support::work(n % 500);
                n
            });
            let limit = Duration::from_nanos(n as u64 * 17 % 5000);
            let begun = Instant::now();
            let result = handle.wait_timeout(limit).unwrap_or_else(|| {
                assert!(begun.elapsed() >= limit);
                handle.wait_timeout(LIMIT).unwrap()
            });
            assert_eq!(result.unwrap(), n);
        }
    });
}

#[test]
fn ten_thousand_forgotten_handles_do_not_matter() {
    within(LIMIT, || {
        let ran = Arc::new(AtomicUsize::new(0));
        let (pool, told) = recording(2);
        let count = times(10_000, 20);
        for n in 0..count {
            let ran = Arc::clone(&ran);
            let mut handle = pool.spawn(move || {
                ran.fetch_add(1, SeqCst);
                assert!(n % 100 != 99, "nobody will know");
            });
            if n % 3 == 0 {
                let cx = &mut Context::from_waker(Waker::noop());
                drop(std::pin::Pin::new(&mut handle).poll(cx));
            }
            forget(handle);
        }
        pool.wait_idle();
        assert_eq!(ran.load(SeqCst), count);
        assert_eq!(pool.stats().total().panicked as usize, count / 100);
        pool.shutdown();
        drop(pool);
        // What the tasks captured is gone; their panics stay where a handle would have found them.
        assert_eq!(Arc::strong_count(&ran), 1);
        assert!(told.lock().unwrap().is_empty());
    });
}
