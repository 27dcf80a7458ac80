#![allow(unsafe_code)] // The models call the decrements that scopes call.

use super::*;
use crate::runtime::sleep::{Places, Rested};
use crate::sync::{
    AtomicUsize,
    Ordering::{AcqRel, Relaxed},
    Parker, model_bounded, test_parker, thread,
};
use std::cell::Cell;
use std::sync::Arc;

/// A pool reduced to its sleeping state, and one scope reduced to its counts and the numbers of its unclaimed tasks.
struct World {
    sleep: Sleep,
    counts: ScopeCounts,
    /// In the owner's deque.
    at_home: AtomicUsize,
    /// Spawned by others, in the scope's list.
    listed: AtomicUsize,
    /// So many of the tasks that the worker runs spawn one more, and wait until somebody else has begun it.
    to_spawn: AtomicUsize,
    worker: &'static Parker,
}

const WORKER: usize = 0;
const OWNER: usize = 1;

impl Places for World {
    fn has_tasks(&self) -> bool {
        self.at_home.load(Relaxed) > 0 || self.listed.load(Relaxed) > 0
    }

    fn has_work(&self) -> bool {
        self.has_tasks()
    }

    fn ask_all(&self) {}
}

impl World {
    fn new(owner: &'static Parker, seats: usize, to_spawn: usize) -> Arc<Self> {
        Arc::new(Self {
            sleep: Sleep::new(2, seats),
            counts: ScopeCounts::new(owner),
            at_home: AtomicUsize::new(0),
            listed: AtomicUsize::new(0),
            to_spawn: AtomicUsize::new(to_spawn),
            worker: test_parker(),
        })
    }

    fn spawn_at_home(&self) {
        self.counts.spawned_by_owner();
        self.at_home.fetch_add(1, AcqRel);
        self.sleep.posted(self);
    }

    fn spawn_elsewhere(&self) {
        self.counts.spawned();
        self.listed.fetch_add(1, AcqRel);
        self.sleep.posted(self);
        self.counts.posted();
    }

    fn claim(&self) -> bool {
        [&self.at_home, &self.listed].into_iter().any(take_one)
    }

    /// The worker runs a task that it has claimed, and is active afterwards.
    fn run_task(&self) {
        self.counts.begun();
        self.sleep.end_search(self);
        if take_one(&self.to_spawn) {
            self.spawn_elsewhere();
            while self.listed.load(Relaxed) > 0 {
                self.worker.park();
            }
        }
        // SAFETY: 1. the `Arc` keeps the counts; 2. only `left` is called afterwards.
        unsafe { ScopeCounts::ended(&raw const self.counts) };
    }

    fn leave(&self) {
        // SAFETY: 1. the `Arc` keeps the counts, and a task was begun; 2. nothing follows.
        unsafe { ScopeCounts::left(&raw const self.counts) };
    }

    /// The worker's loop in little; ends at termination.
    fn work(&self) {
        let parker = self.worker;
        self.sleep.occupy(WORKER, parker);
        let mut searching = false;
        loop {
            if !searching {
                self.sleep.begin_search();
                searching = true;
            }
            if self.has_work() && self.sleep.try_seat() {
                if self.claim() {
                    self.run_task();
                    self.sleep.begin_search();
                    self.leave();
                }
                self.sleep.release_seat(self);
                continue;
            }
            if self.sleep.is_terminating() {
                self.sleep.end_search(self);
                return;
            }
            searching = self.sleep.rest(WORKER, parker, None, self) == Rested::Chosen;
        }
    }

    /// The end of the scope, as in `scope.rs`, without lingering.
    fn wait(&self, parker: &'static Parker) {
        self.sleep.occupy(OWNER, parker);
        let seated = Cell::new(false);
        let take_seat = || {
            seated.set(seated.get() || self.sleep.try_seat());
            seated.get()
        };
        let give_seat_back = || {
            if seated.replace(false) {
                self.sleep.release_seat(self);
            }
        };
        let owner = Owner {
            sleep: &self.sleep,
            counts: &self.counts,
            slot: Some(OWNER),
        };
        while !self.counts.load().is_over() {
            if owner.may_work(take_seat) && self.claim() {
                self.worker.unpark();
                self.counts.ended_by_owner();
                continue;
            }
            owner.sleep(
                || self.has_work(),
                take_seat,
                || {
                    give_seat_back();
                    parker.park();
                },
            );
        }
        give_seat_back();
    }
}

fn take_one(count: &AtomicUsize) -> bool {
    let mut seen = count.load(Relaxed);
    while seen > 0 {
        match count.compare_exchange(seen, seen - 1, AcqRel, Relaxed) {
            Ok(_) => return true,
            Err(now) => seen = now,
        }
    }
    false
}

fn run(seats: usize, taken: usize, tasks: usize, to_spawn: usize) {
    model_bounded(2, move || {
        let parker = test_parker();
        let world = World::new(parker, seats, to_spawn);
        for _ in 0..taken {
            assert!(world.sleep.try_seat());
        }
        let worker = {
            let world = world.clone();
            thread::spawn(move || world.work())
        };
        for _ in 0..tasks {
            world.spawn_at_home();
        }
        world.wait(parker);
        assert_eq!(world.counts.load().pending(), 0);
        assert!(!world.has_tasks());
        world.sleep.terminate();
        worker.join().unwrap();
    });
}

/// One seat, one worker, one owner: the task is run by whoever gets to it, and the owner returns.
#[test]
fn model_owner_and_worker_share_a_seat() {
    run(1, 0, 1, 0);
}

/// The only seat is held by work of others and stays so: the owner runs its task itself once the worker that searches
/// has given up (broken variant: `owner_not_told_of_search`).
#[test]
fn model_owner_without_seat_works_alone() {
    run(1, 1, 1, 0);
}

/// A seat for each.
#[test]
fn model_owner_and_worker_have_a_seat_each() {
    run(2, 0, 2, 0);
}

/// A task that the worker runs spawns another one into the scope, while the owner may be asleep, and needs it to be begun: the
/// owner gets up for it (broken variant: `owner_post_untold`).
#[test]
fn model_owner_awaits_what_tasks_spawn() {
    run(2, 0, 1, 1);
}
