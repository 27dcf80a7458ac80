#![allow(unsafe_code)] // The models say what a thread executes.
//! The races of forks on offer, small enough to be searched exhaustively. Each test names the broken variants it
//! catches.

use super::*;
use crate::queue::Item;
use crate::runtime::sleep::{Places, Rested, Sleep};
use crate::sync::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence, model, model_bounded, test_parker, thread,
};
use crate::task::latch::{Executing, Latch};
use std::ptr;
use std::sync::Arc;

/// Too much for any number of offers.
const PRICE: Price = Price::for_models();

/// A fork that is only moved about.
fn item() -> Item {
    Item {
        ptr: ptr::dangling_mut::<u64>().cast(),
        tag: 0,
    }
}

/// A thief that is faster than its victim leaves the flag clear: the next join makes another offer (broken variant:
/// `fork_no_second_look`).
#[test]
fn model_fork_taken_at_once_is_followed_by_another() {
    model(|| {
        let (forks, stealer) = Forks::new();
        let thief = thread::spawn(move || matches!(stealer.steal_oldest(), Stolen::Job(_)));
        forks.offer(item());
        fence(SeqCst);
        forks.resume_if_taken();
        let taken = thief.join().unwrap();
        assert_eq!(forks.quiet().load(Relaxed) == 0, taken);
    });
}

/// The owner takes its fork back while a thief takes it: one of them runs the arm, once, and the owner has the result
/// (broken variants: `fork_complete_early`; and see `queue/deque/model.rs`).
#[test]
fn model_fork_runs_once() {
    model(|| {
        let (forks, stealer) = Forks::new();
        let thief = thread::spawn(move || {
            if let Stolen::Job(fork) = stealer.steal_oldest() {
                fork.run();
            }
        });
        let argument = Box::new(20);
        let job = job::ForkJob::new(move || Box::new(*argument + 1));
        forks.offer(job.item(0));
        fence(SeqCst);
        forks.resume_if_taken();
        let result = match forks.take_back() {
            Some(item) => {
                assert!(job.is(item));
                job::model::take_arm(&job)()
            }
            None => {
                let parker = test_parker();
                while !job.latch().is_done() {
                    if job.latch().register(parker) {
                        parker.park();
                        job.latch().withdraw(parker);
                    }
                }
                job::model::take_result(&job)
            }
        };
        assert_eq!(*result, 21);
        thief.join().unwrap();
    });
}

/// A pool reduced to its sleeping state and one thread with forks.
struct Pool {
    sleep: Sleep,
    stealer: ForkStealer,
    taken: AtomicBool,
    /// What the owner works on.
    executing: Executing,
}

impl Places for Pool {
    fn has_tasks(&self) -> bool {
        false
    }

    fn has_work(&self) -> bool {
        !self.stealer.is_empty()
    }

    fn ask_all(&self) {
        self.stealer.ask();
    }
}

impl Pool {
    /// Two seats, one of them the owner's.
    fn new() -> (Arc<Self>, Forks) {
        let (forks, stealer) = Forks::new();
        let pool = Arc::new(Self {
            sleep: Sleep::new(2, 2),
            stealer,
            taken: AtomicBool::new(false),
            executing: Executing::new(),
        });
        assert!(pool.sleep.try_seat());
        (pool, forks)
    }

    fn offer(&self, forks: &Forks) {
        forks.offer(item());
        self.sleep.offered(self);
        self.executing.nudge();
        forks.resume_if_taken();
    }

    /// A small fork that comes back if nobody takes it, after which offering does not pay. Then plain calls, until somebody
    /// asks; then a large fork, which somebody has to take, or this never ends.
    fn own(&self, forks: &Forks) {
        self.offer(forks);
        if forks.take_back().is_none() {
            return;
        }
        forks.tokens.run_out();
        forks.returned(PRICE, &self.sleep, &self.executing);
        while forks.quiet().load(Relaxed) != 0 {
            thread::yield_now();
        }
        self.offer(forks);
        while !self.taken.load(Acquire) {
            thread::yield_now();
        }
    }

    /// A worker that searches at first, and sleeps without a watch until it has taken a fork.
    fn take(&self, slot: usize) {
        let parker = test_parker();
        self.sleep.occupy(slot, parker);
        let mut searching = true;
        loop {
            if !searching {
                self.sleep.begin_search();
            }
            if let Stolen::Job(_) = self.stealer.steal_oldest() {
                self.taken.store(true, Release);
                self.sleep.end_search(self);
                self.sleep.terminate();
                return;
            }
            if self.sleep.is_terminating() {
                self.sleep.end_search(self);
                return;
            }
            searching = self.sleep.rest(slot, parker, None, self) == Rested::Chosen;
        }
    }
}

/// The owner pauses while `meanwhile` happens to those who would ask it to go on, and the only other worker goes to
/// sleep.
fn paused_owner_is_asked(before: fn(&Pool), meanwhile: fn(&Pool)) {
    model_bounded(2, move || {
        let (pool, forks) = Pool::new();
        before(&pool);
        pool.sleep.begin_search();
        let taker = {
            let pool = pool.clone();
            thread::spawn(move || pool.take(0))
        };
        let other = {
            let pool = pool.clone();
            thread::spawn(move || meanwhile(&pool))
        };
        pool.own(&forks);
        taker.join().unwrap();
        other.join().unwrap();
    });
}

/// Against the last worker that goes to sleep (broken variants: `sleep_offer_fence`, `sleep_pause_fence`, `sleep_no_ask`).
#[test]
fn model_fork_pause_against_rest() {
    model(|| {
        let (pool, forks) = Pool::new();
        pool.sleep.begin_search();
        let taker = {
            let pool = pool.clone();
            thread::spawn(move || pool.take(0))
        };
        pool.own(&forks);
        taker.join().unwrap();
    });
}

/// Against a watch that ends (broken variants: `sleep_watch_fence`, `sleep_no_ask`).
#[test]
fn model_fork_pause_against_end_of_watch() {
    paused_owner_is_asked(
        |pool| assert!(pool.sleep.begin_watch()),
        |pool| pool.sleep.end_watch(pool),
    );
}

/// Against a search that ends because there was other work (broken variant: `sleep_no_ask`).
#[test]
fn model_fork_pause_against_end_of_search() {
    paused_owner_is_asked(
        |pool| pool.sleep.begin_search(),
        |pool| pool.sleep.end_search(pool),
    );
}

/// Against the only other seat coming free (broken variant: `sleep_seat_fence`, `sleep_no_ask`).
#[test]
fn model_fork_pause_against_free_seat() {
    paused_owner_is_asked(
        |pool| assert!(pool.sleep.try_seat()),
        |pool| pool.sleep.release_seat(pool),
    );
}

/// Against a thread that waits for the owner, and goes to sleep wanting its forks (broken variant: `fork_pause_unseen`).
#[test]
fn model_fork_pause_against_wait() {
    model_bounded(2, || {
        let (pool, forks) = Pool::new();
        let latch = Arc::new(Latch::new());
        // SAFETY: 1. the latch is never complete.
        unsafe { pool.executing.replace(&raw const *latch) };
        let waiter = {
            let (pool, latch) = (pool.clone(), latch.clone());
            thread::spawn(move || {
                let parker = test_parker();
                loop {
                    assert!(latch.register(parker));
                    latch.want_forks(true);
                    fence(SeqCst);
                    pool.stealer.ask();
                    match pool.stealer.steal_oldest() {
                        Stolen::Job(_) => {
                            pool.taken.store(true, Release);
                            return;
                        }
                        Stolen::Retry => {}
                        Stolen::Nothing => parker.park(),
                    }
                    latch.withdraw(parker);
                }
            })
        };
        pool.own(&forks);
        waiter.join().unwrap();
    });
}

/// Two threads pause; the end of a search asks both, or a later one does (broken variant: `sleep_pause_by_store`).
#[test]
fn model_fork_two_pauses() {
    /// Looks at no work, to keep the model small.
    struct Blind(Arc<Pool>);
    impl Places for Blind {
        fn has_tasks(&self) -> bool {
            false
        }

        fn has_work(&self) -> bool {
            false
        }

        fn ask_all(&self) {
            self.0.ask_all();
        }
    }
    model(|| {
        let (pool, forks) = Pool::new();
        pool.sleep.put_to_sleep(1);
        pool.sleep.begin_search();
        let other = {
            let pool = pool.clone();
            thread::spawn(move || {
                let _ = pool.sleep.may_pause();
            })
        };
        let searcher = {
            let blind = Blind(pool.clone());
            thread::spawn(move || {
                let sleep = &blind.0.sleep;
                sleep.end_search(&blind);
                sleep.begin_search();
                sleep.end_search(&blind);
            })
        };
        forks.offer(item());
        fence(SeqCst);
        assert!(forks.take_back().is_some());
        if !pool.sleep.may_pause() {
            forks.resume();
        }
        other.join().unwrap();
        searcher.join().unwrap();
        // Nobody looks for work, a seat is free, a worker sleeps.
        assert_eq!(forks.quiet().load(Relaxed), 0, "paused for ever");
    });
}

/// A fork is offered while one worker watches, and another goes to sleep relying on it; the watch ends (broken variant:
/// `sleep_end_watch_blind`).
#[test]
fn model_fork_watched_is_found() {
    model_bounded(2, || {
        let (pool, forks) = Pool::new();
        assert!(pool.sleep.begin_watch());
        pool.sleep.begin_search();
        let workers: Vec<_> = (0..2)
            .map(|slot| {
                let pool = pool.clone();
                thread::spawn(move || {
                    if slot == 1 {
                        pool.sleep.begin_search();
                        pool.sleep.end_watch(&*pool);
                    }
                    #[cfg(zeropool_broken = "sleep_end_watch_blind")]
                    if slot == 1 {
                        // Broken on purpose: leaves without another look.
                        pool.sleep.end_search(&crate::runtime::sleep::Nothing);
                        return;
                    }
                    pool.take(slot);
                })
            })
            .collect();
        pool.offer(&forks);
        while !pool.taken.load(Acquire) {
            thread::yield_now();
        }
        for worker in workers {
            worker.join().unwrap();
        }
    });
}
