//! Batches: claims against claims, tickets against recycling. Each test names the broken variants it catches.

use super::super::super::sample::{assert_each_once, race};
use super::*;

/// A batch with the parts `first .. first + parts`.
fn push_batch(queue: &Injector, first: u64, parts: u32) -> Ticket {
    queue.push_batch(Item::sample(first), NonZeroU32::new(parts).unwrap())
}

/// A part of the batch that begins with `first`.
fn claim(queue: &Injector, first: u64, ticket: Ticket) -> Vec<u64> {
    Vec::from_iter(queue.claim(ticket).map(|left| first + u64::from(left)))
}

/// The parts `1, 2`, then 3.
fn two_parts_and_one() -> (Arc<Injector>, Ticket) {
    let queue = Arc::new(Injector::new());
    let ticket = push_batch(&queue, 1, 2);
    push(&queue, [3]);
    (queue, ticket)
}

/// Catches `injector_claim_by_store`. What comes after a batch comes out after its last part.
#[test]
fn consumers_share_a_batch() {
    race(|| {
        let (queue, _) = two_parts_and_one();
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || [pop(&left), pop(&left)].concat(),
            move || pop(&right),
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_eq!((left.len(), right.len()), (2, 1));
                assert!(left == [2, 1] || left[1] == 3, "{left:?}");
                assert_each_once(3, &[&left, &right]);
                assert!(queue.is_empty());
            },
        )
    });
}

#[test]
fn a_ticket_claims_against_a_consumer() {
    race(|| {
        let (queue, ticket) = two_parts_and_one();
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || [claim(&left, 1, ticket), claim(&left, 1, ticket)].concat(),
            move || [pop(&right), pop(&right)].concat(),
            move |left: Vec<u64>, right: Vec<u64>| {
                let rest = drain(&queue);
                assert_each_once(3, &[&left, &right, &rest]);
                assert_eq!(queue.claim(ticket), None);
                assert!(queue.is_empty());
            },
        )
    });
}

#[test]
fn the_rest_of_a_batch_is_claimed_at_once() {
    race(|| {
        let (queue, ticket) = two_parts_and_one();
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || u64::from(left.claim_rest(ticket)),
            move || pop(&right),
            move |rest: u64, popped: Vec<u64>| {
                let claimed: Vec<u64> = (1..=rest).collect();
                let last = drain(&queue);
                assert_each_once(3, &[&claimed, &popped, &last]);
            },
        )
    });
}

/// Catches `injector_use_uncounted`: the node is used for another batch when the ticket's claim gets to it.
#[test]
fn a_ticket_of_a_former_use_claims_nothing() {
    race(|| {
        let queue = Arc::new(Injector::new());
        let ticket = push_batch(&queue, 1, 1);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || claim(&left, 1, ticket),
            move || {
                let mut popped = pop(&right);
                push(&right, [2]);
                popped.extend(pop(&right));
                push_batch(&right, 3, 1);
                popped
            },
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_each_once(3, &[&left, &right, &drain(&queue)]);
            },
        )
    });
}

/// Catches `injector_front_unchecked` and `injector_cursor_relaxed`: the node of 1, which a consumer has found to be the oldest,
/// becomes that of a batch, which 3 is older than.
#[test]
fn no_part_comes_before_its_turn() {
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
                push_batch(&right, 4, 2);
                popped
            },
            move |left: Vec<u64>, right: Vec<u64>| {
                let rest = drain(&queue);
                let early = left.iter().any(|&n| n >= 4) && rest.contains(&3);
                assert!(!early, "3 is older than {left:?}");
                assert_each_once(5, &[&left, &right, &rest]);
            },
        )
    });
}

/// Catches `injector_item_after_claim`: after the last claim the node is used again at once.
#[test]
fn a_claimed_item_is_that_of_the_batch() {
    race(|| {
        let queue = Arc::new(Injector::new());
        push_batch(&queue, 1, 1);
        push(&queue, [2]);
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

/// A batch that is claimed to its end while a consumer is about to take out what is before it.
#[test]
fn tombstones_are_skipped() {
    race(|| {
        let queue = Arc::new(Injector::new());
        push(&queue, [1]);
        let ticket = push_batch(&queue, 2, 1);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || {
                let claimed = claim(&left, 2, ticket);
                push(&left, [3]);
                claimed
            },
            move || {
                let popped = pop(&right);
                // What is left of the batch is nothing, or a part.
                if right.is_empty() {
                    return popped;
                }
                [popped, pop(&right)].concat()
            },
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_each_once(3, &[&left, &right, &drain(&queue)]);
                assert!(queue.is_empty());
                assert_eq!(queue.len(), 0);
            },
        )
    });
}
