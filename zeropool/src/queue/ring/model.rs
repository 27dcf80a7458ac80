//! The ring's races, small enough to be searched exhaustively. Each test names the broken variants it catches.

use super::super::sample::{assert_each_once, race};
use super::*;
use std::sync::Arc;

fn ring(capacity: u32) -> Arc<Ring> {
    Arc::new(Ring::new(NonZeroU32::new(capacity).unwrap()))
}

/// Returns what there was no room for.
fn push(queue: &Ring, numbers: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let refused = |n| queue.push(Item::sample(n)).err().map(Item::number);
    numbers.into_iter().filter_map(refused).collect()
}

/// A batch with the parts `first .. first + parts`.
fn push_batch(queue: &Ring, first: u64, parts: u32) -> Option<Ticket> {
    queue.push_batch(Item::sample(first), NonZeroU32::new(parts).unwrap())
}

fn pop(queue: &Ring) -> Vec<u64> {
    Vec::from_iter(queue.pop().map(Popped::number))
}

fn drain(queue: &Ring) -> Vec<u64> {
    std::iter::from_fn(|| queue.pop().map(Popped::number)).collect()
}

/// Catches `ring_publish_relaxed`.
#[test]
fn push_races_pop() {
    race(|| {
        let queue = ring(1);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || push(&left, [1]),
            move || pop(&right),
            move |refused: Vec<u64>, popped: Vec<u64>| {
                assert_each_once(1, &[&refused, &popped, &drain(&queue)]);
                assert!(refused.is_empty() && queue.is_empty());
                assert_eq!(queue.len(), 0);
            },
        )
    });
}

/// A cell is used again and again, and a full queue says so.
#[test]
fn a_cell_goes_round() {
    race(|| {
        let queue = ring(1);
        push(&queue, [1]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || {
                let refused = push(&left, [2]);
                [refused, push(&left, [3])].concat()
            },
            move || [pop(&right), pop(&right)].concat(),
            move |refused: Vec<u64>, popped: Vec<u64>| {
                assert!(popped.is_sorted() && popped[0] == 1, "first in, first out");
                assert_each_once(3, &[&refused, &popped, &drain(&queue)]);
            },
        )
    });
}

/// Catches `ring_item_after_exchange`: two cells, and that of 1 is used again as soon as 2 is out.
#[test]
fn an_item_is_read_before_its_cell_is_free() {
    race(|| {
        let queue = ring(1);
        push(&queue, [1]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || pop(&left),
            move || {
                let refused = push(&right, [2]);
                let popped = pop(&right);
                [refused, popped, push(&right, [3])].concat()
            },
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_each_once(3, &[&left, &right, &drain(&queue)]);
            },
        )
    });
}

#[test]
fn two_producers_do_not_go_beyond_the_bound() {
    race(|| {
        let queue = ring(2);
        push(&queue, [1]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || push(&left, [2]),
            move || push(&right, [3]),
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_eq!(left.len() + right.len(), 1);
                assert_eq!(queue.len(), 2);
                assert_each_once(3, &[&left, &right, &drain(&queue)]);
            },
        )
    });
}

#[test]
fn two_consumers_share_the_items() {
    race(|| {
        let queue = ring(3);
        push(&queue, [1, 2, 3]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || [pop(&left), pop(&left)].concat(),
            move || pop(&right),
            move |left: Vec<u64>, right: Vec<u64>| {
                assert!(left.len() == 2 && left.is_sorted(), "first in, first out");
                assert_each_once(3, &[&left, &right]);
            },
        )
    });
}

/// Catches `ring_lap_unchecked`: a consumer has found 1 in a cell, which then goes to a batch that 3 is older than.
#[test]
fn no_part_comes_before_its_turn() {
    race(|| {
        let queue = ring(2);
        push(&queue, [1, 2]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || pop(&left),
            move || {
                let popped = [pop(&right), push(&right, [3])].concat();
                let popped = [popped, pop(&right)].concat();
                // Three cells: the batch gets that of 1.
                match push_batch(&right, 4, 2) {
                    Some(_) => popped,
                    None => [popped, vec![4, 5]].concat(),
                }
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

/// Catches `ring_ticket_unchecked`: the cell has gone to another batch when the ticket's claim gets to it.
#[test]
fn a_ticket_of_a_former_lap_claims_nothing() {
    race(|| {
        let queue = ring(1);
        let ticket = push_batch(&queue, 1, 1).unwrap();
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || Vec::from_iter(left.claim(ticket).map(|left| 1 + u64::from(left))),
            move || {
                let mut popped = pop(&right);
                // Two cells. There is room unless the ticket's part is not out of the way yet.
                popped.extend(push(&right, [2]));
                popped.extend(pop(&right));
                if push_batch(&right, 3, 1).is_none() {
                    popped.push(3);
                }
                popped
            },
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_each_once(3, &[&left, &right, &drain(&queue)]);
                assert_eq!(queue.len(), 0);
            },
        )
    });
}

#[test]
fn consumers_share_a_batch() {
    race(|| {
        let queue = ring(2);
        let ticket = push_batch(&queue, 1, 2).unwrap();
        push(&queue, [3]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || [pop(&left), pop(&left)].concat(),
            move || Vec::from_iter(right.claim(ticket).map(|left| 1 + u64::from(left))),
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_each_once(3, &[&left, &right, &drain(&queue)]);
                assert!(queue.is_empty());
            },
        )
    });
}

/// One thread pops and pushes back while another fills every place that comes free.
#[test]
fn there_is_room_to_push_back() {
    race(|| {
        let queue = ring(1);
        push(&queue, [1]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || push(&left, [2]),
            move || {
                for _ in 0..2 {
                    // Nothing, if the other push is not over yet.
                    if let Some(item) = right.pop_one() {
                        right.push_back(item);
                    }
                }
            },
            move |refused: Vec<u64>, ()| {
                assert_each_once(2, &[&refused, &drain(&queue)]);
            },
        )
    });
}
