//! The ring's races, small enough to be searched exhaustively. Each test names the broken variants it catches.

use super::super::sample::{assert_each_once, number_of, race, sample};
use super::*;
use std::sync::Arc;

fn ring(capacity: u32) -> Arc<Ring> {
    Arc::new(Ring::new(NonZeroU32::new(capacity).unwrap()))
}

/// Returns what there was no room for.
fn push(queue: &Ring, numbers: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let refused = |n| queue.push(sample(n)).err().map(number_of);
    numbers.into_iter().filter_map(refused).collect()
}

fn pop(queue: &Ring) -> Vec<u64> {
    Vec::from_iter(queue.pop().map(number_of))
}

fn drain(queue: &Ring) -> Vec<u64> {
    std::iter::from_fn(|| queue.pop().map(number_of)).collect()
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
                    if let Some(item) = right.pop() {
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

/// One thread has an item in hand while another pushes, pops and pushes: what the first then knows of `head` must be as new as
/// what it knows of `tail`. Catches `ring_tail_relaxed`.
#[test]
fn there_is_room_to_push_back_behind_what_has_gone_through() {
    race(|| {
        let queue = ring(1);
        push(&queue, [1]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || {
                let refused = push(&left, [2]);
                let popped = pop(&left);
                [refused, popped, push(&left, [3])].concat()
            },
            move || {
                if let Some(item) = right.pop() {
                    right.push_back(item);
                }
            },
            move |left: Vec<u64>, ()| {
                assert_each_once(3, &[&left, &drain(&queue)]);
            },
        )
    });
}

/// Items go through the queue one at a time, so there is always room for one more. Catches `ring_tail_relaxed`.
#[test]
fn a_queue_that_was_never_full_refuses_nothing() {
    race(|| {
        let queue = ring(2);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || {
                // This half may be refused: it pops nothing if the other half's push came first and is not over yet.
                let refused = push(&left, [1]);
                let popped = pop(&left);
                [refused, popped, push(&left, [2]), pop(&left)].concat()
            },
            move || assert_eq!(push(&right, [3]), [], "refused, and never full"),
            move |left: Vec<u64>, ()| assert_each_once(3, &[&left, &drain(&queue)]),
        )
    });
}

/// Many items go through the queue, one at a time. Catches `ring_head_before_tail` and `ring_tail_relaxed`.
#[test]
fn a_count_is_of_what_was_there_at_once() {
    race(|| {
        let queue = ring(1);
        push(&queue, [1]);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || {
                for n in 2..=3 {
                    pop(&left);
                    push(&left, [n]);
                }
            },
            move || assert!(right.len() <= 1, "counts what has gone through"),
            move |(), ()| {
                assert_eq!(queue.len(), 1);
                assert_eq!(drain(&queue), [3]);
            },
        )
    });
}
