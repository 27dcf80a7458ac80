use super::*;
use crate::runtime::sleep::{Places, Rested, Sleep};
use crate::sync::{
    Ordering::{AcqRel, Acquire, Release},
    model, test_parker, thread,
};
use std::sync::Arc;

/// Two lanes, each reduced to how many entries it has, and the sleeping state of one worker.
struct Lanes {
    entries: Entries,
    high: AtomicUsize,
    low: AtomicUsize,
    sleep: Sleep,
}

fn take(lane: &AtomicUsize) -> Option<()> {
    let less = |entries: usize| entries.checked_sub(1);
    // Ordering: as a queue: Acquire pairs with the Release in `Lanes::post`.
    lane.fetch_update(AcqRel, Relaxed, less).ok().map(drop)
}

impl Lanes {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            entries: Entries::new(),
            high: AtomicUsize::new(0),
            low: AtomicUsize::new(0),
            sleep: Sleep::new(1, 1),
        })
    }

    fn post(&self, lane: &AtomicUsize) {
        self.entries.push(|| {
            lane.fetch_add(1, Release);
        });
        self.sleep.posted(self);
    }

    /// The high lane first; a look at the count alone if nothing is there.
    fn look(&self) -> Option<()> {
        if !self.entries.any() {
            return None;
        }
        let high = self.entries.pop(|| take(&self.high));
        high.or_else(|| self.entries.pop(|| take(&self.low)))
    }

    /// The worker loop in little. Returns after so many tasks.
    fn work(&self, tasks: usize) {
        let parker = test_parker();
        self.sleep.occupy(0, parker);
        let (mut searching, mut done) = (false, 0);
        loop {
            if !searching {
                self.sleep.begin_search();
            }
            while self.look().is_some() {
                done += 1;
            }
            if done == tasks {
                self.sleep.end_search(self);
                return;
            }
            searching = self.sleep.rest(0, parker, None, self) == Rested::Chosen;
        }
    }
}

impl Places for Lanes {
    fn has_tasks(&self) -> bool {
        self.entries.any() && (self.high.load(Acquire) > 0 || self.low.load(Acquire) > 0)
    }

    fn has_work(&self) -> bool {
        self.has_tasks()
    }

    fn ask_all(&self) {}
}

/// Two posts to two lanes meet a worker that looks at the count first: both tasks are run, and the count comes back to zero.
#[test]
fn model_entries_two_lanes() {
    model(|| {
        let lanes = Lanes::new();
        let worker = {
            let lanes = lanes.clone();
            thread::spawn(move || lanes.work(2))
        };
        lanes.post(&lanes.low);
        lanes.post(&lanes.high);
        worker.join().unwrap();
        assert_eq!(lanes.entries.len(), 0);
    });
}

/// A worker looks at the count on its way to sleep while another thread finds one lane empty: it does not overlook the entry in the
/// other lane (broken variant: `entries_uncount_early`).
#[test]
fn model_entries_count_never_denies_an_entry() {
    model(|| {
        let lanes = Lanes::new();
        let worker = {
            let lanes = lanes.clone();
            thread::spawn(move || lanes.work(1))
        };
        let other = {
            let lanes = lanes.clone();
            thread::spawn(move || {
                if lanes.entries.any() {
                    assert!(lanes.entries.pop(|| take(&lanes.high)).is_none());
                }
            })
        };
        lanes.post(&lanes.low);
        other.join().unwrap();
        worker.join().unwrap();
    });
}
