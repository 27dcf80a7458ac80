//! The segments on real threads and under Miri.

use super::super::sample::{assert_each_once, number_of, sample};
use super::*;
use crate::sync::{AtomicBool, thread};

const ITEMS_EACH: u64 = if cfg!(miri) { 60 } else { 50_000 };

#[test]
fn every_item_comes_out_once_and_in_its_producers_order() {
    let queue = Segments::new();
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
    assert!(queue.is_empty());
    assert_eq!(queue.len(), 0);
}

#[test]
fn threads_that_push_and_pop_use_their_segments_again() {
    let queue = Segments::new();
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
    // Two that the items lie in, and per thread one that it has not linked, and one that it has not given back yet.
    assert!(queue.slab.high_water() <= 2 + 2 * 4);
}

#[test]
fn one_thread_sees_first_in_first_out() {
    let most = if cfg!(miri) { 12 } else { 299 };
    let queue = Segments::new();
    for round in 0..=most {
        assert!(queue.is_empty() && queue.is_empty_for_sleeper() && queue.pop().is_none());
        for n in 1..=round {
            queue.push(sample(n));
            assert_eq!(queue.len() as u64, n);
        }
        assert_eq!(queue.is_empty(), round == 0);
        assert_eq!(queue.is_empty_for_sleeper(), round == 0);
        for n in 1..=round {
            assert_eq!(queue.pop(), Some(sample(n)));
            assert_eq!(queue.len() as u64, round - n);
        }
    }
    // The segments of so many items, and the one that was begun before them.
    assert!(u64::from(queue.slab.high_water()) <= most / PLACES as u64 + 2);
}

#[test]
fn positions_and_numbers_go_round() {
    let last = End {
        position: (1 << (64 - INDEX_BITS)) - 1,
        index: 5,
    };
    assert_eq!(End::from_word(last.word()), last);
    let next = End::first(last.number().wrapping_add(1), 6);
    assert_eq!(End::from_word(next.word()), next);
    assert_eq!(last.offset(), PLACES);
    assert_eq!(next.places_before().wrapping_sub(last.places_before()), 0);
}
