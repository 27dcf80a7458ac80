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
use std::ptr;
use std::sync::Arc;

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
        assert_eq!(forks.quiet().load(Relaxed), !taken);
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
        });
        assert!(pool.sleep.try_seat());
        (pool, forks)
    }

    fn offer(&self, forks: &Forks) {
        forks.offer(item());
        self.sleep.offered(self);
        forks.resume_if_taken();
    }

    /// A small fork that comes back if nobody takes it, after which offering does not pay. Then plain calls, until somebody
    /// asks; then a large fork, which somebody has to take, or this never ends.
    fn own(&self, forks: &Forks) {
        self.offer(forks);
        if forks.take_back().is_none() {
            return;
        }
        if !self.sleep.may_pause() {
            forks.resume();
        }
        while forks.quiet().load(Relaxed) {
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
