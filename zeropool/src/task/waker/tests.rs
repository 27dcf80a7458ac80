use super::*;
use crate::sync::{AtomicUsize, Ordering::Relaxed, Parker, model, test_parker, thread};
use std::sync::Arc;
use std::task::Wake;

/// A task's end, as a pool would have it: a latch, and where wakers are stored.
struct Job {
    latch: Latch,
    blocks: BlockAllocator,
}

impl Job {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            latch: Latch::new(),
            blocks: BlockAllocator::new(),
        })
    }

    fn poll(&self, waker: &Waker) -> bool {
        // SAFETY: 1. both sides hold the job, allocator included, to their ends; 2. one thread polls.
        unsafe { poll(&self.latch, waker, &self.blocks) }
    }

    fn complete(&self) {
        // SAFETY: 1. borrowed; 2. nothing of it is touched here afterwards.
        let waker = unsafe { Latch::complete_awaited(&raw const self.latch) };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

fn completer(job: &Arc<Job>) -> thread::JoinHandle<()> {
    let job = Arc::clone(job);
    thread::spawn(move || job.complete())
}

/// An executor's task: woken, it unparks.
struct Sleeper {
    parker: &'static Parker,
    wakes: AtomicUsize,
}

impl Sleeper {
    fn new(parker: &'static Parker) -> Arc<Self> {
        Arc::new(Self {
            parker,
            wakes: AtomicUsize::new(0),
        })
    }

    fn wakes(&self) -> usize {
        self.wakes.load(Relaxed)
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, Relaxed);
        self.parker.unpark();
    }
}

/// A poll that comes back pending is followed by a wake-up (broken variants: `latch_waker_by_store`, which hangs, and
/// `latch_waker_relaxed`, whose completer may see the waker half stored).
#[test]
fn model_waker_registered_against_completion() {
    model(|| {
        let job = Job::new();
        let completer = completer(&job);
        let sleeper = Sleeper::new(test_parker());
        let waker = Waker::from(Arc::clone(&sleeper));
        while !job.poll(&waker) {
            sleeper.parker.park();
        }
        drop(waker);
        completer.join().unwrap();
        assert!(sleeper.wakes() <= 1);
        assert_eq!(Arc::strong_count(&sleeper), 1, "a waker was not dropped");
    });
}

/// The waker of the last pending poll is woken, whatever became of the ones before. None is lost or taken twice (broken variant:
/// `latch_waker_taken_twice`).
#[test]
fn model_waker_changes_against_completion() {
    model(|| {
        let job = Job::new();
        let completer = completer(&job);
        let parker = test_parker();
        let (first, second) = (Sleeper::new(parker), Sleeper::new(parker));
        let wakers = [&first, &second].map(|sleeper| Waker::from(Arc::clone(sleeper)));
        if !job.poll(&wakers[0]) && !job.poll(&wakers[1]) {
            while second.wakes() == 0 {
                parker.park();
            }
            assert!(job.poll(&wakers[1]));
        }
        drop(wakers);
        completer.join().unwrap();
        assert!(first.wakes() + second.wakes() <= 1);
        for sleeper in [first, second] {
            assert_eq!(Arc::strong_count(&sleeper), 1, "a waker was not dropped");
        }
    });
}

/// A handle dropped after a poll takes its waker along, or completion has it; never both, never neither. Then a thread waits.
#[test]
fn model_waker_withdrawn_against_completion() {
    model(|| {
        let job = Job::new();
        let completer = completer(&job);
        let sleeper = Sleeper::new(test_parker());
        let pending = !job.poll(&Waker::from(Arc::clone(&sleeper)));
        let withdrawn = job.latch.withdraw_waker().is_some();
        while !job.latch.is_done() {
            if job.latch.register(sleeper.parker) {
                sleeper.parker.park();
                job.latch.withdraw(sleeper.parker);
            }
        }
        completer.join().unwrap();
        assert_eq!(sleeper.wakes(), usize::from(pending && !withdrawn));
        assert_eq!(Arc::strong_count(&sleeper), 1, "the waker was not dropped");
    });
}
