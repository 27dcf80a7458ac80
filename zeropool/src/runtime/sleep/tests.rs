use super::*;
use crate::sync::{AtomicUsize, model, model_bounded, test_parker, thread};
use std::sync::Arc;

/// A pool reduced to its sleeping state and a count of queued tasks.
struct Pool {
    sleep: Sleep,
    queued: AtomicUsize,
}

impl Pool {
    fn new(workers: usize, seats: usize) -> Arc<Self> {
        Arc::new(Self {
            sleep: Sleep::new(workers, seats),
            queued: AtomicUsize::new(0),
        })
    }

    fn post(&self) {
        self.queued.fetch_add(1, Release);
        self.sleep.posted(self);
    }

    fn take(&self) -> bool {
        let mut seen = self.queued.load(Relaxed);
        while seen > 0 {
            match self
                .queued
                .compare_exchange(seen, seen - 1, AcqRel, Relaxed)
            {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// The worker loop in little: a seat, a search of one look, rest. Returns after `tasks` tasks, or at
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
            if self.has_work() && self.sleep.try_seat() {
                if self.take() {
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
        self.queued.load(Relaxed) > 0
    }

    fn has_work(&self) -> bool {
        self.has_tasks()
    }

    fn ask_all(&self) {}
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
