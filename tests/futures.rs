//! Awaiting owned tasks: under tokio, under executors made by hand, and with wakers that misbehave (covers E5).

use crate::support::{
    Gate, LIMIT, Ledger, Random, Token, occupy, on_worker, panic_of, pool, times, within,
};
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

/// Unparks a thread, and counts.
struct Unpark {
    thread: Thread,
    wakes: AtomicUsize,
    token: Mutex<Token>,
}

impl Unpark {
    fn new(ledger: &Ledger) -> Arc<Self> {
        Arc::new(Self {
            thread: thread::current(),
            wakes: AtomicUsize::new(0),
            token: Mutex::new(ledger.token()),
        })
    }
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        let _ = &self.token;
        self.wakes.fetch_add(1, SeqCst);
        self.thread.unpark();
    }
}

/// An executor of one future. With `new_wakers`, each poll has another one.
fn block_on<F: Future>(future: F, new_wakers: bool) -> F::Output {
    let ledger = Ledger::new();
    let result = {
        let mut future = pin!(future);
        let mut unpark = Unpark::new(&ledger);
        loop {
            let waker = Waker::from(Arc::clone(&unpark));
            if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                break result;
            }
            // A stray token wakes early; a lost wake-up never.
            while unpark.wakes.swap(0, SeqCst) == 0 {
                thread::park();
            }
            if new_wakers {
                unpark = Unpark::new(&ledger);
            }
        }
    };
    // The completer drops the waker it has woken a moment later.
    while ledger.dropped() < ledger.made() {
        thread::yield_now();
    }
    result
}

fn poll_once<T>(handle: &mut zp::JoinHandle<T>, waker: &Waker) -> Poll<Result<T, zp::TaskError>> {
    Pin::new(handle).poll(&mut Context::from_waker(waker))
}

fn assert_send_sync_unpin<T: Send + Sync + Unpin + 'static>() {}

#[test]
fn a_handle_is_send_sync_and_unpin_whatever_the_output() {
    assert_send_sync_unpin::<zp::JoinHandle<()>>();
    assert_send_sync_unpin::<zp::JoinHandle<Cell<u8>>>();
    assert_send_sync_unpin::<zp::JoinHandle<std::marker::PhantomPinned>>();
}

#[test]
fn every_outcome_arrives() {
    within(LIMIT, || {
        for workers in [1, 2] {
            let pool = pool(workers);
            for new_wakers in [false, true] {
                for n in 0..times(2000, 3) {
                    assert_eq!(block_on(pool.spawn(move || n), new_wakers).unwrap(), n);
                }
                let error = block_on(pool.spawn(|| -> u8 { panic!("awaited") }), new_wakers);
                assert_eq!(error.unwrap_err().to_string(), "the task panicked: awaited");
                let busy = occupy(&pool, workers);
                let handle = pool.spawn(|| ());
                assert!(handle.cancel());
                assert!(block_on(handle, new_wakers).unwrap_err().is_cancelled());
                drop(busy);
            }
            pool.shutdown();
            let mut rejected = pool.spawn(|| ());
            for _ in 0..2 {
                assert!(block_on(&mut rejected, false).unwrap_err().is_rejected());
            }
        }
    });
}

#[test]
fn futures_dropped_at_every_poll_leave_the_handle_whole() {
    within(LIMIT, || {
        let pool = pool(2);
        for round in 0..times(500, 3) {
            let mut handle = pool.spawn(move || round);
            let result = block_on(
                poll_fn(|cx| {
                    // A new future each time, which borrows the handle and is dropped when it is pending.
                    let mut future = Box::pin(async { (&mut handle).await });
                    future.as_mut().poll(cx)
                }),
                round % 2 == 0,
            );
            assert_eq!(result.unwrap(), round);
        }
    });
}

#[test]
fn handles_dropped_after_a_poll_take_their_wakers_along() {
    within(LIMIT, || {
        let (pool, ledger) = (pool(2), Ledger::new());
        let mut random = Random::new(7);
        for _ in 0..times(2000, 5) {
            let argument = ledger.token();
            let unpark = Unpark::new(&ledger);
            let mut handle = pool.spawn(move || argument);
            let polled = poll_once(&mut handle, &Waker::from(unpark));
            crate::support::work(random.below(2000) as usize);
            drop(handle);
            drop(polled);
        }
        pool.wait_idle();
        while ledger.dropped() < ledger.made() {
            thread::yield_now();
        }
        ledger.assert_balanced();
    });
}

#[test]
fn polls_from_many_threads_wake_the_last_one() {
    within(LIMIT, || {
        let (pool, ledger) = (pool(2), Ledger::new());
        for round in 0..times(200, 2) {
            let gate = Arc::new(Gate::new());
            let release = Arc::clone(&gate);
            let mut handle = pool.spawn(move || {
                release.wait();
                round
            });
            let mut last = None;
            for _ in 0..4 {
                let unpark = Unpark::new(&ledger);
                let waker = Waker::from(Arc::clone(&unpark));
                thread::scope(|threads| {
                    threads.spawn(|| assert!(poll_once(&mut handle, &waker).is_pending()));
                });
                last = Some(unpark);
            }
            let last = last.unwrap();
            gate.open();
            while last.wakes.load(SeqCst) == 0 {
                thread::park();
            }
            let ready = poll_once(&mut handle, Waker::noop());
            assert!(matches!(ready, Poll::Ready(Ok(n)) if n == round));
        }
        while ledger.dropped() < ledger.made() {
            thread::yield_now();
        }
        ledger.assert_balanced();
    });
}

#[test]
fn a_polled_handle_can_still_be_waited_for() {
    within(LIMIT, || {
        let (pool, ledger) = (pool(2), Ledger::new());
        let blocked = || {
            let gate = Arc::new(Gate::new());
            let release = Arc::clone(&gate);
            let handle = pool.spawn(move || {
                release.wait();
                "done"
            });
            (handle, gate)
        };
        // A wait with a limit that times out leaves the waker where it was.
        let (mut handle, gate) = blocked();
        let first = Unpark::new(&ledger);
        assert!(poll_once(&mut handle, &Waker::from(Arc::clone(&first))).is_pending());
        assert!(handle.wait_timeout(Duration::from_millis(5)).is_none());
        gate.open();
        while first.wakes.load(SeqCst) == 0 {
            thread::park();
        }
        assert_eq!(
            handle.wait_timeout(Duration::ZERO).unwrap().unwrap(),
            "done"
        );
        // A wait replaces it.
        let (mut handle, gate) = blocked();
        let second = Unpark::new(&ledger);
        assert!(poll_once(&mut handle, &Waker::from(Arc::clone(&second))).is_pending());
        thread::scope(|threads| {
            threads.spawn(move || assert_eq!(handle.wait().unwrap(), "done"));
            gate.open();
        });
        // Run by the waiter itself, as nobody has begun it.
        let busy = occupy(&pool, 2);
        let mut handle = pool.spawn(|| 5);
        assert!(poll_once(&mut handle, Waker::noop()).is_pending());
        assert_eq!(handle.wait().unwrap(), 5);
        drop((busy, first, second));
        while ledger.dropped() < ledger.made() {
            thread::yield_now();
        }
    });
}

#[test]
fn cancelling_from_another_thread_wakes_whoever_polled() {
    within(LIMIT, || {
        let (pool, ledger) = (pool(1), Ledger::new());
        for _ in 0..times(100, 2) {
            let busy = occupy(&pool, 1);
            let token = ledger.token();
            let mut handle = pool.spawn(move || drop(token));
            let unpark = Unpark::new(&ledger);
            assert!(poll_once(&mut handle, &Waker::from(Arc::clone(&unpark))).is_pending());
            thread::scope(|threads| {
                threads.spawn(|| assert!(handle.cancel()));
            });
            assert_eq!(unpark.wakes.load(SeqCst), 1);
            let ready = poll_once(&mut handle, Waker::noop());
            assert!(matches!(ready, Poll::Ready(Err(zp::TaskError::Cancelled))));
            drop(busy);
        }
        assert_eq!(ledger.dropped(), ledger.made());
    });
}

#[test]
fn a_poll_after_the_outcome_panics() {
    within(LIMIT, || {
        let mut handle = pool(1).spawn(|| 1);
        assert_eq!(block_on(&mut handle, false).unwrap(), 1);
        let text = panic_of(|| poll_once(&mut handle, Waker::noop()));
        assert!(text.contains("already"), "{text}");
        let text = panic_of(|| handle.wait());
        assert!(text.contains("already"), "{text}");
    });
}

/// A waker each of whose operations may panic.
#[derive(Debug, Default)]
struct Nasty {
    clone: AtomicBool,
    wake: AtomicBool,
    drop: AtomicBool,
    alive: AtomicUsize,
    wakes: AtomicUsize,
}

impl Nasty {
    #[allow(unsafe_code)]
    fn waker(&'static self) -> Waker {
        self.alive.fetch_add(1, SeqCst);
        // SAFETY: the functions below take a `&'static Nasty` and are safe to call from any thread.
        unsafe { Waker::from_raw(self.raw()) }
    }

    fn raw(&'static self) -> RawWaker {
        static VTABLE: RawWakerVTable = RawWakerVTable::new(
            Nasty::on_clone,
            Nasty::on_wake,
            |_| unreachable!(),
            Nasty::on_drop,
        );
        RawWaker::new(std::ptr::from_ref(self).cast(), &VTABLE)
    }

    #[allow(unsafe_code)]
    fn of(data: *const ()) -> &'static Self {
        // SAFETY: `raw` made it of a static reference.
        unsafe { &*data.cast() }
    }

    fn on_clone(data: *const ()) -> RawWaker {
        let this = Self::of(data);
        assert!(!this.clone.load(SeqCst), "clone");
        this.alive.fetch_add(1, SeqCst);
        this.raw()
    }

    fn on_wake(data: *const ()) {
        let this = Self::of(data);
        this.alive.fetch_sub(1, SeqCst);
        this.wakes.fetch_add(1, SeqCst);
        assert!(!this.wake.load(SeqCst), "wake");
    }

    fn on_drop(data: *const ()) {
        let this = Self::of(data);
        this.alive.fetch_sub(1, SeqCst);
        assert!(!this.drop.load(SeqCst) || thread::panicking(), "drop");
    }
}

#[test]
fn wakers_may_panic() {
    within(LIMIT, || {
        let pool = pool(1);
        let nasty: &'static Nasty = Box::leak(Box::default());
        let waker = nasty.waker();
        let held = |gate: &Arc<Gate>| {
            let release = Arc::clone(gate);
            pool.spawn(move || {
                release.wait();
                1
            })
        };

        // In `clone`, before and after another one was registered: the poll panics, the handle stays whole.
        let gate = Arc::new(Gate::new());
        let mut handle = held(&gate);
        for registered in [false, true] {
            if registered {
                assert!(poll_once(&mut handle, Waker::noop()).is_pending());
            }
            nasty.clone.store(true, SeqCst);
            assert_eq!(panic_of(|| poll_once(&mut handle, &waker)), "clone");
            nasty.clone.store(false, SeqCst);
        }
        gate.open();
        assert_eq!(block_on(handle, true).unwrap(), 1);

        // In `wake`, on the worker, which goes on.
        let gate = Arc::new(Gate::new());
        let mut handle = held(&gate);
        nasty.wake.store(true, SeqCst);
        assert!(poll_once(&mut handle, &waker).is_pending());
        gate.open();
        while nasty.wakes.load(SeqCst) == 0 {
            thread::yield_now();
        }
        assert_eq!(handle.wait().unwrap(), 1);

        // In `drop`: of one that is replaced, of one that is left, of one whose handle is dropped.
        nasty.drop.store(true, SeqCst);
        let gate = Arc::new(Gate::new());
        let mut handle = held(&gate);
        assert!(poll_once(&mut handle, &waker).is_pending());
        assert!(poll_once(&mut handle, Waker::noop()).is_pending());
        assert!(poll_once(&mut handle, &waker).is_pending());
        drop(handle);
        let mut handle = held(&gate);
        assert!(poll_once(&mut handle, &waker).is_pending());
        gate.open();
        assert_eq!(handle.wait().unwrap(), 1);
        assert_eq!(on_worker(&pool, || 2), 2);
        pool.wait_idle();
        nasty.drop.store(false, SeqCst);
        drop(waker);
        assert_eq!(nasty.alive.load(SeqCst), 0);
    });
}

/// Wakes by doing what a waker should not: it uses the pool at once.
struct Busybody(Mutex<Option<zp::Pool>>, AtomicUsize);

impl Wake for Busybody {
    fn wake(self: Arc<Self>) {
        if let Some(pool) = self.0.lock().unwrap().take() {
            let sum = pool.install(|| zp::join!(1, 2));
            assert_eq!(pool.scope(|s| s.spawn(|| 3).join()), 3);
            assert_eq!(pool.spawn(|| 4).wait().unwrap(), 4);
            self.1.store(sum.0 + sum.1, SeqCst);
            // The last handle, perhaps.
            drop(pool);
        }
    }
}

#[test]
fn a_waker_may_use_the_pool() {
    within(LIMIT, || {
        for workers in [1, 2] {
            for cancel in [false, true] {
                let pool = pool(workers);
                let gate = Arc::new(Gate::new());
                let release = Arc::clone(&gate);
                // Cancelled, it is woken here, where dropping the last handle would wait for the busy ones.
                let busy = cancel.then(|| (occupy(&pool, workers), pool.clone()));
                let mut handle = pool.spawn(move || release.wait());
                let busybody = Arc::new(Busybody(Mutex::new(Some(pool)), AtomicUsize::new(0)));
                let waker = Waker::from(Arc::clone(&busybody));
                assert!(poll_once(&mut handle, &waker).is_pending());
                if cancel {
                    assert!(handle.cancel());
                } else {
                    gate.open();
                }
                while busybody.1.load(SeqCst) == 0 {
                    thread::yield_now();
                }
                assert_eq!(handle.wait().is_ok(), !cancel);
                drop(busy);
            }
        }
    });
}

#[test]
fn many_handles_are_awaited_on_one_thread_that_never_blocks() {
    within(LIMIT, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let pool = pool(2);
        runtime.block_on(async {
            let gate = Arc::new(Gate::new());
            let busy = occupy(&pool, 2);
            let count = times(2000, 5);
            let tasks: Vec<_> = (0..count)
                .map(|n| {
                    let gate = Arc::clone(&gate);
                    let handle = pool.spawn(move || {
                        gate.wait();
                        n
                    });
                    tokio::spawn(handle)
                })
                .collect();
            // All are polled and pending, and this thread, the only one, still runs other tasks.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert!(tasks.iter().all(|task| !task.is_finished()));
            gate.open();
            drop(busy);
            for (n, task) in tasks.into_iter().enumerate() {
                assert_eq!(task.await.unwrap().unwrap(), n);
            }
        });
    });
}

#[test]
fn handles_are_awaited_on_a_runtime_with_threads() {
    within(LIMIT, || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .unwrap();
        let pool = pool(2);
        runtime.block_on(async {
            let tasks: Vec<_> = (0..times(2000, 5))
                .map(|n| {
                    let pool = pool.clone();
                    tokio::spawn(async move {
                        let mut slow = pool.spawn(move || n);
                        // The future of a time-out is dropped, the handle stays.
                        let timed =
                            tokio::time::timeout(Duration::from_micros(n as u64 % 50), &mut slow);
                        let first = match timed.await {
                            Ok(result) => result.unwrap(),
                            Err(_) => slow.await.unwrap(),
                        };
                        first + pool.spawn(move || n).await.unwrap()
                    })
                })
                .collect();
            for (n, task) in tasks.into_iter().enumerate() {
                assert_eq!(task.await.unwrap(), 2 * n);
            }
            let failed = pool.spawn(|| -> () { panic!("on a worker") }).await;
            assert!(failed.unwrap_err().is_panic());
        });
    });
}

#[test]
fn shutdown_now_wakes_whoever_awaits() {
    within(LIMIT, || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap();
        for _ in 0..times(50, 2) {
            let pool = pool(1);
            let (cancelled, ran) = (AtomicUsize::new(0), AtomicUsize::new(0));
            runtime.block_on(async {
                let handles: Vec<_> = (0..100).map(|_| tokio::spawn(pool.spawn(|| ()))).collect();
                pool.shutdown_now();
                for handle in handles {
                    match handle.await.unwrap() {
                        Ok(()) => ran.fetch_add(1, SeqCst),
                        Err(error) if error.is_cancelled() => cancelled.fetch_add(1, SeqCst),
                        Err(error) => panic!("{error}"),
                    };
                }
            });
            let total = pool.stats().total();
            assert_eq!(ran.load(SeqCst) as u64, total.executed);
            assert_eq!(cancelled.load(SeqCst) as u64, total.cancelled);
            assert_eq!(total.executed + total.cancelled, 100);
        }
    });
}
