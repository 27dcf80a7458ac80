//! The injector's races, small enough to be searched exhaustively. Each test names the broken variants it catches.

use super::super::sample::assert_each_once;
use super::*;
use crate::sync::{model, thread};
use std::sync::Arc;

fn injector(numbers: impl IntoIterator<Item = u64>) -> Arc<Injector> {
    let queue = Arc::new(Injector::new());
    push(&queue, numbers);
    queue
}

fn push(queue: &Injector, numbers: impl IntoIterator<Item = u64>) {
    for n in numbers {
        queue.push(Item::sample(n));
    }
}

fn drain(queue: &Injector) -> Vec<u64> {
    std::iter::from_fn(|| queue.pop().map(Item::number)).collect()
}

/// Catches `injector_link_relaxed` and `injector_head_overtakes`.
#[test]
fn push_races_pop() {
    model(|| {
        let queue = injector([]);
        let producer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || push(&queue, [1]))
        };
        let early = drain(&queue);
        push(&queue, [2]);
        producer.join().unwrap();
        assert_each_once(2, &[&early, &drain(&queue)]);
        assert!(queue.is_empty());
    });
}

/// Two producers keep their own order; nothing is lost.
#[test]
fn two_producers_keep_their_order() {
    model(|| {
        let queue = injector([]);
        let producer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || push(&queue, [1, 2]))
        };
        push(&queue, [3, 4]);
        producer.join().unwrap();
        assert_eq!(queue.len(), 4);
        let all = drain(&queue);
        assert!(all.iter().filter(|&&n| n < 3).is_sorted(), "{all:?}");
        assert!(all.iter().filter(|&&n| n > 2).is_sorted(), "{all:?}");
        assert_each_once(4, &[&all]);
    });
}

#[test]
fn two_producers_and_a_consumer() {
    model(|| {
        let queue = injector([]);
        let producers = [1, 2].map(|n| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || push(&queue, [n]))
        });
        let early = Vec::from_iter(queue.pop().map(Item::number));
        for producer in producers {
            producer.join().unwrap();
        }
        assert_each_once(2, &[&early, &drain(&queue)]);
    });
}

#[test]
fn two_consumers_share_the_items() {
    model(|| {
        let queue = injector([1, 2, 3]);
        let consumer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || [queue.pop(), queue.pop()].map(|item| item.unwrap().number()))
        };
        let mine = queue.pop().unwrap().number();
        let theirs = consumer.join().unwrap();
        assert!(theirs.is_sorted(), "first in, first out");
        assert_each_once(3, &[&[mine], &theirs]);
        assert!(queue.is_empty() && queue.len() == 0);
    });
}

/// Catches `injector_ends_uncounted`: `head` leaves a node and comes back to it during a pop.
#[test]
fn head_returns_during_a_pop() {
    model(|| {
        let queue = injector([1]);
        let other = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                let mut popped = Vec::from_iter(queue.pop().map(Item::number));
                push(&queue, [2]);
                popped.extend(queue.pop().map(Item::number));
                push(&queue, [3]);
                popped
            })
        };
        let mine = Vec::from_iter(queue.pop().map(Item::number));
        let theirs = other.join().unwrap();
        assert_each_once(3, &[&mine, &theirs, &drain(&queue)]);
    });
}

/// Catches `injector_next_uncounted`, `injector_tail_unchecked` and `injector_reuse_relaxed`: the last node is
/// popped and used for another push while a producer is about to link to it. What that producer has pushed
/// must then be in the queue, not behind a node that is not there yet.
#[test]
fn last_node_is_reused_during_a_push() {
    model(|| {
        let queue = injector([]);
        let other = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                push(&queue, [1]);
                let popped = queue.pop().unwrap().number();
                push(&queue, [2]);
                popped
            })
        };
        push(&queue, [3]);
        let mine = queue.pop().expect("two were pushed, one was popped").number();
        let theirs = other.join().unwrap();
        assert_each_once(3, &[&[mine, theirs], &drain(&queue)]);
    });
}
