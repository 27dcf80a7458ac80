use super::*;
use crate::sync::{AtomicUsize, model, test_parker, thread};
use std::sync::Arc;

/// Counts, and a waiter who sleeps until it is told.
struct Pool {
    counts: OwnedCounts,
    /// What tasks have done.
    done: AtomicUsize,
}

impl Pool {
    fn new(tasks: usize) -> Arc<Self> {
        let pool = Self {
            counts: OwnedCounts::new(),
            done: AtomicUsize::new(0),
        };
        for _ in 0..tasks {
            pool.counts.accept(Shard::of(0));
        }
        Arc::new(pool)
    }

    /// A task is accepted before, and ends here. True if the waiter is to be told.
    fn end(&self) -> bool {
        self.done.fetch_add(1, Relaxed);
        self.counts.end() && self.counts.is_idle()
    }
}

/// Broken variant: `owned_end_unfenced`, the last end and the waiter overlook each other.
#[test]
fn model_owned_last_end_tells_who_waits() {
    model(|| {
        let pool = Pool::new(1);
        let parker = test_parker();
        let worker = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || {
                if pool.end() {
                    parker.unpark();
                }
            })
        };
        pool.counts.watch();
        while !pool.counts.is_idle() {
            parker.park();
        }
        pool.counts.stop_watching();
        assert_eq!(pool.done.load(Relaxed), 1, "what the task did is visible");
        worker.join().unwrap();
    });
}

/// One of two that end at the same time is the last, and tells.
#[test]
fn model_owned_one_of_two_ends_is_the_last() {
    model(|| {
        let pool = Pool::new(2);
        let parker = test_parker();
        let workers = [(); 2].map(|()| {
            let pool = Arc::clone(&pool);
            thread::spawn(move || {
                if pool.end() {
                    parker.unpark();
                }
            })
        });
        pool.counts.watch();
        while !pool.counts.is_idle() {
            parker.park();
        }
        assert_eq!(pool.done.load(Relaxed), 2, "what the tasks did is visible");
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

/// A task spawns another one before it ends: at no moment is none pending. Broken variant: `owned_accepted_first`.
#[test]
fn model_owned_is_not_idle_between_parent_and_child() {
    model(|| {
        let pool = Pool::new(1);
        let worker = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || {
                // On another shard than its parent.
                pool.counts.accept(Shard::of(1));
                pool.end();
            })
        };
        assert!(!pool.counts.is_idle());
        worker.join().unwrap();
        assert!(!pool.counts.is_idle());
        pool.end();
        assert!(pool.counts.is_idle());
    });
}

/// The last of the handles is told so, once, and sees what was done with the others.
#[test]
fn model_owned_one_handle_is_the_last() {
    model(|| {
        let pool = Pool::new(0);
        assert!(pool.counts.accept_with_handle(Shard::of(0)));
        assert!(!pool.counts.add_handle(Shard::of(0)));
        let other = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || {
                pool.done.fetch_add(1, Relaxed);
                OwnedCounts::drop_handle(pool.counts.handles(Shard::of(0)))
            })
        };
        let last = OwnedCounts::drop_handle(pool.counts.handles(Shard::of(0)));
        if last {
            assert_eq!(pool.done.load(Relaxed), 1);
        }
        assert!(last != other.join().unwrap());
        assert!(
            !pool.counts.is_idle(),
            "handles and tasks are different counts"
        );
        assert!(
            pool.counts.accept_with_handle(Shard::of(0)),
            "the next one is the first again"
        );
    });
}

#[cfg(not(zeropool_loom))]
#[test]
fn tasks_go_round_and_leave_handles_alone() {
    let counts = OwnedCounts::new();
    let word = &counts.accepted[0];
    word.store(u64::from(u32::MAX) << 32 | 5, Relaxed);
    counts.ended.store(u32::MAX - 1, Relaxed);
    assert!(!counts.is_idle());
    assert!(!counts.accept_with_handle(Shard::of(0)));
    assert_eq!(word.load(Relaxed), 6);
    for _ in 0..2 {
        assert!(!counts.is_idle() && !counts.end());
    }
    assert!(counts.is_idle());
}
