//! The injector on real threads and under Miri.

use super::super::sample::assert_each_once;
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
                        queue.push(Item::sample(p * ITEMS_EACH + n));
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
                            Some(item) => popped.push(item.number()),
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
fn threads_that_push_and_pop_recycle_their_nodes() {
    let queue = Injector::new();
    let parts = thread::scope(|s| {
        let threads: Vec<_> = (0..4)
            .map(|t| {
                let queue = &queue;
                s.spawn(move || {
                    let mut popped = Vec::new();
                    for n in 1..=ITEMS_EACH {
                        queue.push(Item::sample(t * ITEMS_EACH + n));
                        // At least as many were pushed as popped, so there is always one.
                        popped.push(queue.pop().unwrap().number());
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
    assert!(queue.is_empty() && queue.pop().is_none());
    for n in 1..=100 {
        queue.push(Item::sample(n));
    }
    assert_eq!(queue.len(), 100);
    assert!(!queue.is_empty());
    for n in 1..=100 {
        assert_eq!(queue.pop(), Some(Popped::One(Item::sample(n))));
    }
    assert!(queue.is_empty() && queue.pop().is_none());
}
