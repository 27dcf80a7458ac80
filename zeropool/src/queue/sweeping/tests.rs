//! Nothing that was asked for is left, and rounds do not overlap.

use super::*;
use crate::sync::{AtomicBool, model, thread};
use std::sync::Arc;

/// An entry, and whether it is claimed, and gone.
#[derive(Debug)]
struct Entry {
    claimed: AtomicBool,
    gone: AtomicBool,
}

#[derive(Debug)]
struct Swept {
    sweeping: Sweeping,
    entries: [Entry; 3],
}

impl Swept {
    fn new() -> Self {
        let entry = || Entry {
            claimed: AtomicBool::new(false),
            gone: AtomicBool::new(false),
        };
        Self {
            sweeping: Sweeping::new(),
            entries: [entry(), entry(), entry()],
        }
    }

    fn claim_and_sweep(&self, n: usize) -> usize {
        // Ordering: Relaxed, here and below: what is under test makes it visible.
        self.entries[n].claimed.store(true, Relaxed);
        self.sweeping.sweep(|| self.round())
    }

    fn round(&self) -> usize {
        let is_due = |entry: &&Entry| entry.claimed.load(Relaxed) && !entry.gone.load(Relaxed);
        let due = self.entries.iter().filter(is_due);
        due.map(|entry| entry.gone.store(true, Relaxed)).count()
    }
}

/// Each of two threads claims an entry and asks. Catches `sweep_not_again`: an entry is left whose place the sweeper had passed.
#[test]
fn model_sweeping_leaves_nothing() {
    model(|| {
        let swept = Arc::new(Swept::new());
        let other = Arc::clone(&swept);
        let other = thread::spawn(move || other.claim_and_sweep(0));
        let here = swept.claim_and_sweep(1);
        // Each once.
        assert_eq!(here + other.join().unwrap(), 2);
        assert_eq!(swept.round(), 0);
    });
}

/// One thread asks in the first round of the other one, and in the second, which in a model is the last. Catches `sweep_gives_up`.
#[test]
fn model_sweeping_hands_the_last_request_on() {
    model(|| {
        let swept = Arc::new(Swept::new());
        let other = Arc::clone(&swept);
        let other = thread::spawn(move || other.claim_and_sweep(0) + other.claim_and_sweep(2));
        let here = swept.claim_and_sweep(1);
        assert_eq!(here + other.join().unwrap(), 3);
        assert_eq!(swept.round(), 0);
    });
}

#[cfg(not(zeropool_loom))]
#[test]
fn who_is_asked_in_the_last_round_asks_itself() {
    let sweeping = Sweeping::new();
    let mut requests = ROUNDS_MAX;
    let round = || {
        if requests > 0 {
            requests -= 1;
            assert_eq!(sweeping.sweep(|| unreachable!("a round within a round")), 0);
        }
        1
    };
    assert_eq!(sweeping.sweep(round), ROUNDS_MAX + 1);
    // The next one is free to sweep.
    assert_eq!(sweeping.sweep(|| 1), 1);
}

/// Threads that ask all the time take turns, and the last request is followed by a round.
#[cfg(not(zeropool_loom))]
#[test]
fn many_requests_come_to_an_end() {
    use crate::sync::AtomicUsize;

    let sweeping = Sweeping::new();
    let [asked, seen] = [0, 0].map(AtomicUsize::new);
    let each = if cfg!(miri) { 50 } else { 20_000 };
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| {
                for _ in 0..each {
                    asked.fetch_add(1, Relaxed);
                    sweeping.sweep(|| {
                        seen.store(asked.load(Relaxed), Relaxed);
                        1
                    });
                }
            });
        }
    });
    assert_eq!(seen.into_inner(), 3 * each);
}
