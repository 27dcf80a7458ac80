use super::*;
use crate::sync::{UnsafeCell, model, test_parker, thread};
use std::sync::Arc;

/// A latch and what its waiter owns, freed by the waiter as soon as it sees completion.
struct Frame {
    latch: Latch,
    value: UnsafeCell<u32>,
}

struct FramePointer(*mut Frame);
// SAFETY: the tests hand the pointer to exactly one completer; `Latch` orders its use against the waiter's.
unsafe impl Send for FramePointer {}

impl FramePointer {
    fn finish(self) {
        // SAFETY: the frame lives until the latch below is complete.
        let frame = unsafe { &*self.0 };
        // SAFETY: nobody else touches the value before completion.
        frame.value.with_mut(|value| unsafe { *value = 7 });
        let latch: *const Latch = &raw const frame.latch;
        // SAFETY: 1. live; 2. nothing is touched afterwards.
        unsafe { Latch::complete(latch) };
    }
}

/// The waiter frees the latch the moment it is complete; a completer that looks at it afterwards is caught
/// (broken variant: `latch_late_read`, caught by Miri, and by ThreadSanitizer on real threads).
#[test]
fn model_latch_completion_frees_frame() {
    model(|| {
        let frame = Box::into_raw(Box::new(Frame {
            latch: Latch::new(),
            value: UnsafeCell::new(0),
        }));
        let pointer = FramePointer(frame);
        let completer = thread::spawn(move || pointer.finish());
        let parker = test_parker();
        // SAFETY: the frame is freed only below, by this thread.
        let latch = unsafe { &(*frame).latch };
        while !latch.is_done() {
            if latch.register(parker) {
                parker.park();
                latch.withdraw(parker);
            }
        }
        // SAFETY: completion is the completer's last access.
        let frame = unsafe { Box::from_raw(frame) };
        // SAFETY: as above.
        frame.value.with(|value| assert_eq!(unsafe { *value }, 7));
        drop(frame);
        completer.join().unwrap();
    });
}

/// A waiter that gives up (time-out) and one that is woken leave the latch usable; no wake-up is lost for the
/// second wait.
#[test]
fn model_latch_waiter_leaves_and_returns() {
    model(|| {
        let latch = Arc::new(Latch::new());
        let completer = {
            let latch = Arc::clone(&latch);
            thread::spawn(move || {
                // SAFETY: 1. the Arc keeps it alive; 2. nothing is touched afterwards but the Arc.
                unsafe { Latch::complete(&raw const *latch) }
            })
        };
        let parker = test_parker();
        // First wait: leaves at once, as a time-out of zero would.
        if latch.register(parker) {
            latch.withdraw(parker);
        }
        // Second wait: until done.
        while !latch.is_done() {
            if latch.register(parker) {
                parker.park();
                latch.withdraw(parker);
            }
        }
        completer.join().unwrap();
        assert!(latch.is_done());
    });
}

/// Something to help with, published before a nudge, is seen by a waiter that registers: either the nudge
/// wakes it or its look after registering finds the offer.
#[test]
fn model_latch_nudge_is_not_lost() {
    use crate::sync::{AtomicBool, Ordering::SeqCst, fence};
    model(|| {
        let latch = Arc::new(Latch::new());
        let offered = Arc::new(AtomicBool::new(false));
        let helped = Arc::new(AtomicBool::new(false));
        let executor_parker = test_parker();
        let executor = {
            let (latch, offered, helped) = (latch.clone(), offered.clone(), helped.clone());
            thread::spawn(move || {
                // A read-modify-write: loom may order a plain store before a swap that did not read it.
                offered.swap(true, Relaxed);
                fence(SeqCst);
                latch.nudge();
                // The executor depends on the offer being taken: without the nudge this never ends.
                while !helped.load(Acquire) {
                    executor_parker.park();
                }
                // SAFETY: 1. the Arc keeps it alive; 2. nothing is touched afterwards.
                unsafe { Latch::complete(&raw const *latch) }
            })
        };
        let parker = test_parker();
        while !latch.is_done() {
            if offered.swap(false, Relaxed) {
                helped.store(true, Release);
                executor_parker.unpark();
            }
            if latch.register(parker) {
                latch.want_forks(true);
                fence(SeqCst);
                if !offered.load(Relaxed) {
                    parker.park();
                }
                latch.withdraw(parker);
            }
        }
        executor.join().unwrap();
    });
}
