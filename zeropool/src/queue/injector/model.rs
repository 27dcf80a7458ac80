//! The injector's races, small enough to be searched exhaustively. Each test names the broken variants it catches.

use super::super::sample::{assert_each_once, number_of, race, sample};
use super::*;
use crate::sync::{model, thread};
use std::sync::Arc;

fn push(queue: &Injector, numbers: impl IntoIterator<Item = u64>) {
    for n in numbers {
        queue.push(sample(n));
    }
}

fn pop(queue: &Injector) -> Vec<u64> {
    Vec::from_iter(queue.pop().map(number_of))
}

fn drain(queue: &Injector) -> Vec<u64> {
    std::iter::from_fn(|| queue.pop().map(number_of)).collect()
}

/// Starts with the items `1..=before` and ends with `1..=after` popped once each: by the halves, or afterwards.
fn share(
    before: u64,
    after: u64,
    left: fn(&Injector) -> Vec<u64>,
    right: fn(&Injector) -> Vec<u64>,
) {
    race(move || {
        let queue = Arc::new(Injector::new());
        push(&queue, 1..=before);
        let (for_left, for_right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || left(&for_left),
            move || right(&for_right),
            move |left: Vec<u64>, right: Vec<u64>| {
                let rest = drain(&queue);
                assert_each_once(after, &[&left, &right, &rest]);
            },
        )
    });
}

/// Catches `injector_link_relaxed`.
#[test]
fn push_races_pop() {
    share(
        0,
        1,
        |queue| {
            push(queue, [1]);
            Vec::new()
        },
        drain,
    );
}

/// Catches `injector_head_overtakes`: the popped node is used again while `tail` still names it.
#[test]
fn pop_before_tail_has_moved() {
    share(
        0,
        2,
        |queue| {
            push(queue, [1]);
            Vec::new()
        },
        |queue| {
            let popped = pop(queue);
            push(queue, [2]);
            popped
        },
    );
}

/// Catches `injector_claim_by_store`.
#[test]
fn two_consumers_share_the_items() {
    share(
        3,
        3,
        |queue| {
            let popped = [pop(queue), pop(queue)].concat();
            assert!(
                popped.len() == 2 && popped.is_sorted(),
                "first in, first out"
            );
            popped
        },
        |queue| {
            let popped = pop(queue);
            assert_eq!(popped.len(), 1);
            popped
        },
    );
}

/// Catches `injector_ends_uncounted`: `head` leaves a node and comes back to it during a pop.
#[test]
fn head_returns_during_a_pop() {
    share(1, 3, pop, |queue| {
        let mut popped = pop(queue);
        push(queue, [2]);
        popped.extend(pop(queue));
        push(queue, [3]);
        popped
    });
}

/// Catches `injector_next_uncounted`, `injector_tail_unchecked` and `injector_reuse_relaxed`: the last node is
/// popped and used for another push while a producer is about to link to it. What that producer has pushed
/// must then be in the queue, not behind a node that is not there yet.
#[test]
fn last_node_is_reused_during_a_push() {
    share(
        0,
        3,
        |queue| {
            push(queue, [1]);
            let popped = number_of(queue.pop().unwrap());
            push(queue, [2]);
            vec![popped]
        },
        |queue| {
            push(queue, [3]);
            let item = queue.pop().expect("two were pushed, one was popped");
            vec![number_of(item)]
        },
    );
}

/// Nothing is lost, and a producer's items keep their order whatever others push in between.
#[test]
fn producers_keep_their_order() {
    race(|| {
        let queue = Arc::new(Injector::new());
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || push(&left, [1, 2]),
            move || push(&right, [3]),
            move |(), ()| {
                let all = drain(&queue);
                assert!(all.iter().filter(|&&n| n < 3).is_sorted(), "{all:?}");
                assert_each_once(3, &[&all]);
            },
        )
    });
}

#[test]
fn two_producers_and_a_consumer() {
    model(|| {
        let queue = Arc::new(Injector::new());
        let producers = [1, 2].map(|n| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || push(&queue, [n]))
        });
        let early = pop(&queue);
        for producer in producers {
            producer.join().unwrap();
        }
        assert_each_once(2, &[&early, &drain(&queue)]);
    });
}

/// What the holder of the ticket of `n` has claimed.
fn claim(queue: &Injector, n: u64, ticket: Ticket) -> Vec<u64> {
    Vec::from_iter(queue.claim(ticket).then_some(n))
}

/// Catches `injector_claim_by_store`.
#[test]
fn a_ticket_claims_against_a_consumer() {
    race(|| {
        let queue = Arc::new(Injector::new());
        let ticket = queue.push(sample(1));
        push(&queue, [2]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || claim(&left, 1, ticket),
            move || [pop(&right), pop(&right)].concat(),
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_each_once(2, &[&left, &right]);
                assert!(right.is_sorted());
                assert!(!queue.is_left(ticket) && !queue.claim(ticket));
                assert_eq!(queue.pop(), None);
            },
        )
    });
}

/// Catches `injector_use_uncounted`: the node is used for another item when the ticket's claim gets to it.
#[test]
fn a_ticket_of_a_former_use_claims_nothing() {
    race(|| {
        let queue = Arc::new(Injector::new());
        let ticket = queue.push(sample(1));
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || claim(&left, 1, ticket),
            move || {
                let mut popped = pop(&right);
                push(&right, [2]);
                popped.extend(pop(&right));
                push(&right, [3]);
                popped
            },
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_each_once(3, &[&left, &right, &drain(&queue)]);
            },
        )
    });
}

/// Catches `injector_front_unchecked` and `injector_cursor_relaxed`: the node of 1, which a consumer has found to be the oldest,
/// becomes that of 4, which 3 is older than.
#[test]
fn no_item_comes_before_its_turn() {
    race(|| {
        let queue = Arc::new(Injector::new());
        push(&queue, [1]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || pop(&left),
            move || {
                let mut popped = pop(&right);
                push(&right, [2, 3]);
                popped.extend(pop(&right));
                push(&right, [4]);
                popped
            },
            move |left: Vec<u64>, right: Vec<u64>| {
                let rest = drain(&queue);
                let early = left.contains(&4) && rest.contains(&3);
                assert!(!early, "3 is older than {left:?}");
                assert_each_once(4, &[&left, &right, &rest]);
            },
        )
    });
}

/// Catches `injector_item_after_claim`: after the claim the node is used again at once.
#[test]
fn a_claimed_item_is_that_of_the_claim() {
    race(|| {
        let queue = Arc::new(Injector::new());
        push(&queue, [1, 2]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || pop(&left),
            move || {
                let popped = pop(&right);
                push(&right, [3]);
                popped
            },
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_each_once(3, &[&left, &right, &drain(&queue)]);
            },
        )
    });
}

/// An item is claimed by its ticket while a consumer is about to take out what is before it.
#[test]
fn tombstones_are_skipped() {
    race(|| {
        let queue = Arc::new(Injector::new());
        push(&queue, [1]);
        let ticket = queue.push(sample(2));
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || {
                let claimed = claim(&left, 2, ticket);
                push(&left, [3]);
                claimed
            },
            move || [pop(&right), pop(&right)].concat(),
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_each_once(3, &[&left, &right, &drain(&queue)]);
            },
        )
    });
}
