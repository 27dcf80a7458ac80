//! One thread at a time works off a queue. Whoever adds to it meanwhile leaves that to this thread, be it another one or the
//! same further out.

use crate::sync::{
    AtomicBool,
    Ordering::{AcqRel, SeqCst},
    fence,
};

/// Whether a thread is at it.
#[derive(Debug)]
pub(super) struct Sole(AtomicBool);

impl Sole {
    pub(super) fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// After something was added: calls `work_off` until there is nothing, unless a thread is at it, which then will see
    /// what was added. `work_off` does not unwind.
    pub(super) fn added(&self, is_empty: impl Fn() -> bool, mut work_off: impl FnMut()) {
        // Ordering: SeqCst, here and below; either this thread finds nobody at work, or that one finds what was added.
        fence(SeqCst);
        while !is_empty() && !self.0.swap(true, AcqRel) {
            work_off();
            // A swap, not a store: loom may order a store before a swap that did not read it.
            self.0.swap(false, AcqRel);
            #[cfg(zeropool_broken = "sole_no_second_look")]
            return;
            #[cfg(not(zeropool_broken = "sole_no_second_look"))]
            fence(SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{AtomicUsize, Ordering::Relaxed, model, thread};
    use std::sync::Arc;

    /// What two threads add is worked off by the time both are done (broken variant: `sole_no_second_look`).
    #[test]
    fn model_sole_leaves_nothing() {
        model(|| {
            let shared = Arc::new((Sole::new(), AtomicUsize::new(0), AtomicUsize::new(0)));
            let add = |shared: &(Sole, AtomicUsize, AtomicUsize)| {
                let (sole, queue, done) = shared;
                queue.fetch_add(1, Relaxed);
                sole.added(
                    || queue.load(Relaxed) == 0,
                    || {
                        done.fetch_add(queue.swap(0, Relaxed), Relaxed);
                    },
                );
            };
            let other = Arc::clone(&shared);
            let other = thread::spawn(move || add(&other));
            add(&shared);
            other.join().unwrap();
            assert_eq!(shared.1.load(Relaxed), 0, "left in the queue");
            assert_eq!(shared.2.load(Relaxed), 2);
        });
    }

    #[cfg(not(zeropool_loom))]
    #[test]
    fn a_thread_that_adds_while_it_works_goes_on_further_out() {
        fn add(sole: &Sole, queue: &AtomicUsize, depth: &AtomicUsize, rounds: &AtomicUsize) {
            sole.added(
                || queue.load(Relaxed) == 0,
                || {
                    assert_eq!(depth.swap(1, Relaxed), 0);
                    queue.store(0, Relaxed);
                    if rounds.fetch_add(1, Relaxed) < 5 {
                        queue.store(1, Relaxed);
                        add(sole, queue, depth, rounds);
                    }
                    depth.store(0, Relaxed);
                },
            );
        }
        let [queue, depth, rounds] = [1, 0, 0].map(AtomicUsize::new);
        add(&Sole::new(), &queue, &depth, &rounds);
        assert_eq!((queue.load(Relaxed), rounds.load(Relaxed)), (0, 6));
    }
}
