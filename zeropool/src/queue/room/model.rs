//! A wake-up is never lost: submitters that wait for room against consumers that make some. loom reports a thread that sleeps
//! for ever as a deadlock. Each test names the broken variants it catches.

use super::super::ring::Ring;
use super::super::sample::{assert_each_once, number_of, sample};
use super::*;
use crate::sync::{model, test_parker, thread};
use std::num::NonZeroU32;
use std::sync::Arc;

struct Bounded {
    ring: Ring,
    room: Room,
}

impl Bounded {
    fn full(numbers: impl IntoIterator<Item = u64>) -> Arc<Self> {
        let numbers: Vec<_> = numbers.into_iter().collect();
        let capacity = NonZeroU32::new(numbers.len() as u32).unwrap();
        let bounded = Self {
            ring: Ring::new(capacity),
            room: Room::new(),
        };
        for n in numbers {
            bounded.ring.push(sample(n)).unwrap();
        }
        Arc::new(bounded)
    }

    fn push(&self, n: u64) {
        let attempt = || self.ring.push(sample(n)).ok();
        if attempt().is_none() {
            let parker = test_parker();
            self.room.wait(parker, || parker.park(), attempt);
        }
    }

    fn pop(&self) -> Vec<u64> {
        let popped = self.ring.pop().map(number_of);
        if popped.is_some() {
            self.room.freed();
        }
        Vec::from_iter(popped)
    }

    fn drain(&self) -> Vec<u64> {
        std::iter::from_fn(|| self.pop().pop()).collect()
    }
}

/// Catches `room_freed_fence` and `room_wait_fence`.
#[test]
fn a_pop_wakes_who_waits() {
    model(|| {
        let queue = Bounded::full([1]);
        let submitter = Arc::clone(&queue);
        let submitter = thread::spawn(move || submitter.push(2));
        let popped = queue.pop();
        submitter.join().unwrap();
        assert_each_once(2, &[&popped, &queue.drain()]);
    });
}

/// Catches `room_keeps_wake`: who stands first is chosen, but has found by itself what it wanted.
#[test]
fn a_wake_up_is_passed_on() {
    model(|| {
        let queue = Bounded::full([1]);
        let submitter = Arc::clone(&queue);
        let submitter = thread::spawn(move || submitter.push(2));
        let parker = test_parker();
        // The pop chooses this thread if it came first.
        let popped = queue
            .room
            .wait(parker, || parker.park(), || Some(queue.pop()));
        submitter.join().unwrap();
        assert_each_once(2, &[&popped, &queue.drain()]);
    });
}

#[test]
fn all_are_woken_at_the_end() {
    model(|| {
        let queue = Bounded::full([1]);
        let over = Arc::new(crate::sync::AtomicBool::new(false));
        let submitter = {
            let (queue, over) = (Arc::clone(&queue), Arc::clone(&over));
            thread::spawn(move || {
                let parker = test_parker();
                let over = || over.load(crate::sync::Ordering::Relaxed).then_some(());
                queue.room.wait(parker, || parker.park(), over);
            })
        };
        over.store(true, crate::sync::Ordering::Relaxed);
        fence(SeqCst);
        queue.room.wake_all();
        submitter.join().unwrap();
        assert_each_once(1, &[&queue.drain()]);
    });
}
