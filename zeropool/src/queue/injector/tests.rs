//! The injector on real threads and under Miri.

use super::super::sample::{assert_each_once, number_of, sample};
use super::*;
use crate::sync::{AtomicBool, thread};

const ITEMS_EACH: u64 = if cfg!(miri) { 60 } else { 50_000 };

#[test]
fn every_item_comes_out_once_and_in_its_producers_order() {
    let queue = Injector::new();
    let done = AtomicBool::new(false);
    let parts = thread::scope(|s| {
        let producers: Vec<_> = (0..2)
            .map(|p| {
                let queue = &queue;
                s.spawn(move || {
                    for n in 1..=ITEMS_EACH {
                        queue.push(sample(p * ITEMS_EACH + n));
                    }
                })
            })
            .collect();
        let consumers: Vec<_> = (0..2)
            .map(|_| {
                s.spawn(|| {
                    let mut popped = Vec::new();
                    loop {
                        let last_round = done.load(Acquire);
                        match queue.pop() {
                            Some(item) => popped.push(number_of(item)),
                            None if last_round => return popped,
                            None => thread::yield_now(),
                        }
                    }
                })
            })
            .collect();
        for producer in producers {
            producer.join().unwrap();
        }
        done.store(true, Release);
        let parts = consumers.into_iter().map(|c| c.join().unwrap());
        parts.collect::<Vec<_>>()
    });
    for part in &parts {
        let (first, second): (Vec<u64>, Vec<u64>) = part.iter().partition(|&&n| n <= ITEMS_EACH);
        assert!(first.is_sorted() && second.is_sorted());
    }
    assert_each_once(2 * ITEMS_EACH, &[&parts[0], &parts[1]]);
    assert_eq!(queue.pop(), None);
}

#[test]
fn threads_that_push_and_pop_recycle_their_nodes() {
    let queue = Injector::new();
    let parts = thread::scope(|s| {
        let threads: Vec<_> = (0..4)
            .map(|t| {
                let queue = &queue;
                s.spawn(move || {
                    let mut popped = Vec::new();
                    for n in 1..=ITEMS_EACH {
                        queue.push(sample(t * ITEMS_EACH + n));
                        // At least as many were pushed as popped, so there is always one.
                        popped.push(number_of(queue.pop().unwrap()));
                    }
                    popped
                })
            })
            .collect();
        let parts = threads.into_iter().map(|t| t.join().unwrap());
        parts.collect::<Vec<_>>()
    });
    let parts: Vec<_> = parts.iter().map(Vec::as_slice).collect();
    assert_each_once(4 * ITEMS_EACH, &parts);
    // The dummy, and per thread one in the queue and one not yet given back.
    assert!(queue.nodes.high_water() <= 1 + 2 * 4);
}

#[test]
fn one_thread_sees_first_in_first_out() {
    let queue = Injector::new();
    assert_eq!(queue.pop(), None);
    for n in 1..=100 {
        queue.push(sample(n));
    }
    for n in 1..=100 {
        assert_eq!(queue.pop(), Some(sample(n)));
    }
    assert_eq!(queue.pop(), None);
}

#[test]
fn a_ticket_claims_its_item_once_and_the_others_keep_their_order() {
    let queue = Injector::new();
    let tickets: Vec<_> = (0..10).map(|n| queue.push(sample(n))).collect();
    for &ticket in tickets.iter().skip(1).step_by(3) {
        assert!(queue.is_left(ticket));
        assert!(queue.claim(ticket));
        assert!(!queue.is_left(ticket));
        assert!(!queue.claim(ticket));
    }
    for n in [0, 2, 3, 5, 6, 8, 9] {
        assert_eq!(queue.pop().map(number_of), Some(n));
    }
    assert_eq!(queue.pop(), None);
    // Their nodes are used again.
    let again: Vec<_> = (0..10).map(|n| queue.push(sample(n))).collect();
    assert!(
        !tickets
            .iter()
            .any(|&ticket| queue.is_left(ticket) || queue.claim(ticket))
    );
    assert!(again.iter().all(|&ticket| queue.claim(ticket)));
    assert_eq!(queue.pop(), None);
}
