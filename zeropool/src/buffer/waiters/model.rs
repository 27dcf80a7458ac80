//! The race between who waits and who frees, small enough to be searched exhaustively. A lost wake-up is a deadlock, which loom
//! reports.

use super::*;
use crate::sync::{model_bounded, test_parker, thread};
use std::sync::Arc;

/// A line for a number of things that are free.
struct Shop {
    free: AtomicUsize,
    waiters: Waiters<Served>,
}

/// How many were.
struct Served(u32);

impl Guarded for Served {
    type Plan = ();

    fn new((): &()) -> Self {
        Self(0)
    }

    fn anew((): &()) -> Self {
        unreachable!("no test forks")
    }
}

impl Shop {
    fn new(free: usize) -> Arc<Self> {
        Arc::new(Self {
            free: AtomicUsize::new(free),
            waiters: Waiters::new(&()),
        })
    }

    // Ordering: Relaxed, here and below; what is tested must not lean on it.
    fn take(&self) -> Option<()> {
        self.free
            .fetch_update(Relaxed, Relaxed, |n| n.checked_sub(1))
            .ok()
            .map(|_| ())
    }

    fn wait(&self, deadline: Option<Instant>) -> Option<u32> {
        let attempt = |Served(served): &mut Served| match self.take() {
            Some(()) => {
                *served += 1;
                Attempt::Done(*served)
            }
            None => Attempt::Nothing,
        };
        self.waiters
            .wait(&(), test_parker(), deadline, || (), attempt)
    }

    fn free(&self) {
        self.free.fetch_add(1, Relaxed);
        self.waiters.freed(&());
    }
}

/// Catches `waiters_freed_fence` and `waiters_wait_fence`.
#[test]
fn who_frees_wakes_who_waits() {
    model_bounded(3, || {
        let shop = Shop::new(0);
        let waiter = thread::spawn({
            let shop = Arc::clone(&shop);
            move || shop.wait(None)
        });
        shop.free();
        assert_eq!(waiter.join().unwrap(), Some(1));
        assert!(!shop.waiters.any(&()));
    });
}

/// Catches `waiters_keep_wake`: the first leaves with one of two, and the other's wake-up was the first's.
#[test]
fn who_leaves_wakes_the_next() {
    model_bounded(2, || {
        let shop = Shop::new(0);
        let waiters = [(); 2].map(|()| {
            let shop = Arc::clone(&shop);
            thread::spawn(move || shop.wait(None))
        });
        shop.free();
        shop.free();
        let mut served = waiters.map(|waiter| waiter.join().unwrap());
        served.sort();
        assert_eq!(served, [Some(1), Some(2)]);
    });
}

/// Also catches `waiters_keep_wake`.
#[test]
fn who_gives_up_wakes_the_next() {
    model_bounded(2, || {
        let shop = Shop::new(0);
        let waiter = thread::spawn({
            let shop = Arc::clone(&shop);
            move || shop.wait(None)
        });
        let freer = thread::spawn({
            let shop = Arc::clone(&shop);
            move || shop.free()
        });
        let given_up = shop.wait(Some(Instant::now()));
        freer.join().unwrap();
        if given_up.is_some() {
            shop.free();
        }
        assert!(waiter.join().unwrap().is_some());
    });
}

#[cfg(not(zeropool_loom))]
#[test]
fn who_panics_leaves_the_line_and_wakes_the_next() {
    let shop = Shop::new(0);
    let waiter = thread::spawn({
        let shop = Arc::clone(&shop);
        move || {
            let attempt = |_: &mut Served| -> Attempt<()> { panic!("at the first attempt") };
            shop.waiters.wait(&(), test_parker(), None, || (), attempt)
        }
    });
    assert!(waiter.join().is_err());
    assert!(!shop.waiters.any(&()));
    shop.free();
    assert_eq!(shop.wait(None), Some(1));
}
