use super::*;
use crate::queue::segments::Segments;
use crate::sync::{AtomicUsize, model, model_bounded, test_parker, thread};
use std::ptr;
use std::sync::Arc;

/// A pool reduced to its sleeping state and a count of queued tasks.
struct Pool {
    sleep: Sleep,
    queued: AtomicUsize,
    injector: Segments,
    /// Calls for the worker at slot 0.
    calls: AtomicUsize,
}

impl Pool {
    fn new(workers: usize, seats: usize) -> Arc<Self> {
        Arc::new(Self {
            sleep: Sleep::new(workers, seats),
            queued: AtomicUsize::new(0),
            injector: Segments::new(),
            calls: AtomicUsize::new(0),
        })
    }

    fn post(&self) {
        self.queued.fetch_add(1, Release);
        self.sleep.posted(self);
    }

    fn post_by_exchange(&self) {
        self.injector.push(ptr::without_provenance_mut(2));
        self.sleep.posted_by_exchange(self);
    }

    fn post_near(&self, slot: usize) {
        self.queued.fetch_add(1, Release);
        self.sleep.posted_near(slot, self);
    }

    fn call(&self) {
        self.calls.fetch_add(1, Release);
        self.sleep.call(0, self);
    }

    fn take(count: &AtomicUsize) -> bool {
        let mut seen = count.load(Relaxed);
        while seen > 0 {
            match count.compare_exchange(seen, seen - 1, AcqRel, Relaxed) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// The worker loop in little: calls, a seat, a search of one look, rest. Returns after `tasks` tasks, or at
    /// termination.
    fn work(&self, slot: usize, tasks: usize) -> usize {
        let parker = test_parker();
        self.sleep.occupy(slot, parker);
        let (mut searching, mut done) = (false, 0);
        loop {
            if !searching {
                self.sleep.begin_search();
                searching = true;
            }
            if self.is_called(slot) && Self::take(&self.calls) {
                self.sleep.end_search(self);
                searching = false;
                done += 1;
                if done == tasks {
                    break;
                }
                continue;
            }
            // A search looks without an exchange.
            let sees_work = self.queued.load(Relaxed) > 0 || !self.injector.is_empty();
            if sees_work && self.sleep.try_seat() {
                if Self::take(&self.queued) || self.injector.pop().is_some() {
                    searching = false;
                    self.sleep.end_search(self);
                    done += 1;
                }
                self.sleep.release_seat(self);
                if done == tasks {
                    break;
                }
                continue;
            }
            if self.sleep.is_terminating() && !self.has_work() {
                break;
            }
            searching = self.sleep.rest(slot, parker, None, self) == Rested::Chosen;
        }
        if searching {
            self.sleep.end_search(self);
        }
        done
    }
}

impl Places for Pool {
    fn has_tasks(&self) -> bool {
        self.queued.load(Relaxed) > 0 || !self.injector.is_empty_for_sleeper()
    }

    fn has_work(&self) -> bool {
        self.has_tasks()
    }

    fn ask_all(&self) {}

    fn is_called(&self, slot: usize) -> bool {
        slot == 0 && self.calls.load(Relaxed) > 0
    }
}

/// A post meets a worker on its way to sleep: the task is run (broken variant: `sleep_post_fence`, a lost
/// wake-up, which loom reports as a deadlock).
#[test]
fn model_sleep_post_against_rest() {
    model(|| {
        let pool = Pool::new(1, 1);
        let worker = {
            let pool = pool.clone();
            thread::spawn(move || pool.work(0, 1))
        };
        pool.post();
        assert_eq!(worker.join().unwrap(), 1);
    });
}

/// The same without a fence (broken variant: `segments_look_without_exchange`).
#[test]
fn model_sleep_post_by_exchange_against_rest() {
    model(|| {
        let pool = Pool::new(1, 1);
        let worker = {
            let pool = pool.clone();
            thread::spawn(move || pool.work(0, 1))
        };
        pool.post_by_exchange();
        assert_eq!(worker.join().unwrap(), 1);
    });
}

/// Without a fence, while another thread gives the only seat back: the poster sees the seat, or that thread the task (broken variant:
/// `segments_look_without_exchange`).
#[test]
fn model_sleep_seat_released_during_post_by_exchange() {
    model_bounded(2, || {
        let pool = Pool::new(1, 1);
        assert!(pool.sleep.try_seat());
        let worker = {
            let pool = pool.clone();
            thread::spawn(move || pool.work(0, 1))
        };
        let guest = {
            let pool = pool.clone();
            thread::spawn(move || pool.sleep.release_seat(&*pool))
        };
        pool.post_by_exchange();
        guest.join().unwrap();
        assert_eq!(worker.join().unwrap(), 1);
    });
}

/// Without a fence, two posters, of whom one may rely on the worker that the other is about to choose, or on a search that is announced
/// and comes to nothing (broken variant: `segments_look_without_exchange`).
#[test]
fn model_sleep_two_posters_by_exchange() {
    model_bounded(2, || {
        let pool = Pool::new(1, 1);
        let worker = {
            let pool = pool.clone();
            thread::spawn(move || pool.work(0, 2))
        };
        let other = {
            let pool = pool.clone();
            thread::spawn(move || pool.post_by_exchange())
        };
        pool.post_by_exchange();
        other.join().unwrap();
        assert_eq!(worker.join().unwrap(), 2);
    });
}

/// A post with a fence and one without.
#[test]
fn model_sleep_post_by_exchange_and_post() {
    model_bounded(2, || {
        let pool = Pool::new(1, 1);
        let worker = {
            let pool = pool.clone();
            thread::spawn(move || pool.work(0, 2))
        };
        let other = {
            let pool = pool.clone();
            thread::spawn(move || pool.post())
        };
        pool.post_by_exchange();
        other.join().unwrap();
        assert_eq!(worker.join().unwrap(), 2);
    });
}

/// Without a fence, two workers, two posts: one may rely on the other's search (broken variant: `segments_look_without_exchange`).
#[test]
fn model_sleep_two_workers_two_posts_by_exchange() {
    model_bounded(2, || {
        let pool = Pool::new(2, 2);
        let workers = [0, 1].map(|slot| {
            let pool = pool.clone();
            thread::spawn(move || pool.work(slot, 1))
        });
        pool.post_by_exchange();
        pool.post_by_exchange();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), 1);
        }
    });
}

/// The only seat is taken while the task is posted; whoever gives it back wakes the worker (broken variant:
/// `sleep_seat_fence`).
#[test]
fn model_sleep_seat_released_after_post() {
    model(|| {
        let pool = Pool::new(1, 1);
        assert!(pool.sleep.try_seat());
        let worker = {
            let pool = pool.clone();
            thread::spawn(move || pool.work(0, 1))
        };
        pool.post();
        pool.sleep.release_seat(&*pool);
        assert_eq!(worker.join().unwrap(), 1);
    });
}

/// A caller with work of its own waits for the seat that a worker gives up when it goes to sleep.
#[test]
fn model_sleep_seat_passes_to_waiting_caller() {
    model(|| {
        let pool = Pool::new(2, 1);
        assert!(pool.sleep.try_seat());
        let holder = {
            let pool = pool.clone();
            thread::spawn(move || pool.sleep.release_seat(&*pool))
        };
        let parker = test_parker();
        pool.sleep.occupy(1, parker);
        while !pool.sleep.try_seat() {
            pool.sleep.want_seat(1);
            if !pool.sleep.has_free_seat() {
                parker.park();
            }
            pool.sleep.stop_wanting_seat(1);
        }
        holder.join().unwrap();
    });
}

/// Termination meets a worker on its way to sleep; the task posted before is run.
#[test]
fn model_sleep_terminate_drains() {
    model(|| {
        let pool = Pool::new(1, 1);
        let worker = {
            let pool = pool.clone();
            thread::spawn(move || pool.work(0, 2))
        };
        pool.post();
        pool.sleep.terminate();
        assert_eq!(worker.join().unwrap(), 1);
    });
}

/// Two tasks, two workers: whichever searches or sleeps, both tasks are run (broken variant:
/// `sleep_count_after_choice`, `sleep_insert_relaxed`).
#[test]
fn model_sleep_two_workers_two_posts() {
    model_bounded(2, || {
        let pool = Pool::new(2, 2);
        let workers: Vec<_> = (0..2)
            .map(|slot| {
                let pool = pool.clone();
                thread::spawn(move || pool.work(slot, 1))
            })
            .collect();
        pool.post();
        pool.post();
        let done: usize = workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum();
        assert_eq!(done, 2);
    });
}

/// A post that had better go to one worker meets that worker on its way to sleep (broken variant: `sleep_near_fence`).
#[test]
fn model_sleep_near_against_rest() {
    model(|| {
        let pool = Pool::new(1, 1);
        let worker = {
            let pool = pool.clone();
            thread::spawn(move || pool.work(0, 1))
        };
        pool.post_near(0);
        assert_eq!(worker.join().unwrap(), 1);
    });
}

/// A call meets its worker on its way to sleep, while there is no free seat (broken variant: `sleep_call_fence`).
#[test]
fn model_sleep_call_against_rest() {
    model(|| {
        let pool = Pool::new(1, 1);
        assert!(pool.sleep.try_seat());
        let worker = {
            let pool = pool.clone();
            thread::spawn(move || pool.work(0, 1))
        };
        pool.call();
        assert_eq!(worker.join().unwrap(), 1);
    });
}

/// A call and a post want the same sleeper: it is chosen once, and does both (broken variant: `sleep_choose_uncounted`).
#[test]
fn model_sleep_call_against_post() {
    model_bounded(2, || {
        let pool = Pool::new(1, 1);
        let worker = {
            let pool = pool.clone();
            thread::spawn(move || pool.work(0, 2))
        };
        let caller = {
            let pool = pool.clone();
            thread::spawn(move || pool.call())
        };
        pool.post();
        caller.join().unwrap();
        assert_eq!(worker.join().unwrap(), 2);
    });
}

/// Of two sleepers the one that is meant is woken, though another worker searches; if it is awake, and nobody searches, any.
#[test]
fn model_sleep_near_chooses_its_worker() {
    model(|| {
        let pool = Pool::new(3, 3);
        for slot in 0..2 {
            pool.sleep.occupy(slot, test_parker());
            pool.sleep.asleep.insert(slot);
        }
        pool.sleep.begin_search();
        pool.post_near(1);
        assert!(pool.sleep.asleep.contains(0) && !pool.sleep.asleep.contains(1));
        assert_eq!(pool.sleep.word().searching(), 2);
        pool.post_near(2);
        assert!(pool.sleep.asleep.contains(0));
        assert!(Pool::take(&pool.queued) && Pool::take(&pool.queued));
        pool.sleep.end_search(&*pool);
        pool.sleep.end_search(&*pool);
        pool.post_near(2);
        assert!(pool.sleep.asleep.is_empty());
        assert_eq!(pool.sleep.word().searching(), 1);
    });
}
