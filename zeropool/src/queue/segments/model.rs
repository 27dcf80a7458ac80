//! The races of the segments, small enough to be searched exhaustively. Each test names the broken variants it catches.

use super::super::sample::{assert_each_once, number_of, race, race_bounded, sample};
use super::*;
use crate::sync::{model, model_bounded, thread};
use std::sync::Arc;

fn push(queue: &Segments, numbers: impl IntoIterator<Item = u64>) {
    for n in numbers {
        queue.push(sample(n));
    }
}

fn pop(queue: &Segments) -> Vec<u64> {
    Vec::from_iter(queue.pop().map(number_of))
}

fn drain(queue: &Segments) -> Vec<u64> {
    std::iter::from_fn(|| queue.pop().map(number_of)).collect()
}

/// A queue in which `passed` items have come and gone, and `1..=before` are.
fn queue(passed: u64, before: u64) -> Arc<Segments> {
    let queue = Segments::new();
    for _ in 0..passed {
        queue.push(sample(100));
        assert!(queue.pop().is_some());
    }
    push(&queue, 1..=before);
    Arc::new(queue)
}

/// Starts with the items `1..=before`, the first behind `passed` places, and ends with `1..=after` popped once each: by the halves, or
/// afterwards.
fn share(
    [passed, before, after]: [u64; 3],
    left: fn(&Segments) -> Vec<u64>,
    right: fn(&Segments) -> Vec<u64>,
) {
    race(move || {
        let queue = queue(passed, before);
        let (for_left, for_right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || left(&for_left),
            move || right(&for_right),
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_eq!(queue.len(), after as usize - left.len() - right.len());
                let rest = drain(&queue);
                assert_each_once(after, &[&left, &right, &rest]);
                assert!(queue.is_empty() && queue.is_empty_for_sleeper());
                assert_eq!(queue.len(), 0);
            },
        )
    });
}

/// Catches `segments_fill_relaxed`: what was done before a push is visible after the pop.
#[test]
fn pop_sees_what_was_pushed() {
    for passed in [0, 2, 3] {
        race(move || {
            let (queue, said) = (queue(passed, 0), Arc::new(AtomicU64::new(0)));
            let (left, word) = (Arc::clone(&queue), Arc::clone(&said));
            (
                move || {
                    word.store(7, Relaxed);
                    push(&left, [1]);
                },
                move || (!pop(&queue).is_empty()).then(|| said.load(Relaxed)),
                move |(), seen: Option<u64>| assert!(seen.is_none_or(|seen| seen == 7)),
            )
        });
    }
}

/// At every place of a segment, and over its end.
#[test]
fn push_races_pop() {
    for passed in 0..4 {
        share(
            [passed, 0, 2],
            |queue| {
                push(queue, [1, 2]);
                Vec::new()
            },
            |queue| [pop(queue), pop(queue)].concat(),
        );
    }
}

/// One of the two links the next segment, and the other goes on there.
#[test]
fn producers_keep_their_order() {
    for passed in 0..4 {
        race(move || {
            let queue = queue(passed, 0);
            let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
            (
                move || push(&left, [1, 2]),
                move || push(&right, [3]),
                move |(), ()| {
                    assert_eq!(queue.len(), 3);
                    let all = drain(&queue);
                    assert!(all.iter().filter(|&&n| n < 3).is_sorted(), "{all:?}");
                    assert_each_once(3, &[&all]);
                },
            )
        });
    }
}

/// Over the link, which both may find first.
#[test]
fn two_consumers_share_the_items() {
    for passed in [0, 1, 2] {
        share(
            [passed, 3, 3],
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
}

/// Catches `segments_head_overtakes`: who has linked the next segment sleeps before it moves `tail`. The first segment is taken out, and
/// another producer, which was about to link one, gets it for that: then nobody would find the way from there to the next one.
#[test]
fn pop_before_tail_has_moved() {
    model_bounded(2, || {
        // The first segment is full.
        let queue = queue(2, 1);
        let (other, popping) = (Arc::clone(&queue), Arc::clone(&queue));
        let producer = thread::spawn(move || push(&other, [2]));
        let consumer = thread::spawn(move || [pop(&popping), pop(&popping)].concat());
        push(&queue, [3]);
        producer.join().unwrap();
        let popped = consumer.join().unwrap();
        assert_each_once(3, &[&popped, &drain(&queue)]);
    });
}

/// Catches `segments_places_uncounted`: a producer is about to fill the last place of a segment, which is filled by another one, and
/// used again when only its first place is filled. What the producer has pushed must then not lie behind places that are empty.
#[test]
fn segment_is_used_again_during_a_push() {
    race_bounded(2, || {
        let queue = queue(2, 0);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || {
                push(&left, [1]);
                pop(&left)
            },
            move || {
                push(&right, 2..=5);
                let popped = [pop(&right), pop(&right)].concat();
                push(&right, [6]);
                popped
            },
            move |left: Vec<u64>, right: Vec<u64>| {
                assert_eq!(left.len(), 1, "pushed, and not there");
                assert_each_once(6, &[&left, &right, &drain(&queue)]);
            },
        )
    });
}

/// Catches `segments_number_twice`: a producer is about to make the second segment. Another one makes it, fills it, and it is given
/// back. If the first producer gets it and gives it the same number, then who still takes it for the second segment fills a place
/// that nobody looks at.
#[test]
fn no_segment_has_the_same_number_twice() {
    const LAST: u64 = PLACES as u64 + 3;
    race_bounded(2, || {
        // The first segment is full.
        let queue = queue(PLACES as u64 - 1, 1);
        let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
        (
            move || push(&left, [2]),
            move || {
                push(&right, [3]);
                // What a third producer starts from, which then sleeps.
                let late = End::from_word(right.tail.load(Acquire));
                push(&right, 4..=LAST);
                (late, Vec::from_iter((1..LAST).flat_map(|_| pop(&right))))
            },
            move |(), (late, popped): (End, Vec<u64>)| {
                assert_each_once(LAST, &[&popped, &drain(&queue)]);
                assert_eq!(late.number(), 1);
                let filled = queue.segment(late.index).fill(late, sample(7));
                assert_eq!(filled, None, "a place of a segment that is over");
            },
        )
    });
}

/// A thread looks while its segment is taken out. Catches `segments_head_before_end`.
#[test]
fn a_look_overlooks_nothing() {
    for look in [
        |queue: &Segments| assert!(!queue.is_empty()),
        |queue: &Segments| assert!(!queue.is_empty_for_sleeper()),
        |queue: &Segments| assert!((1..=2).contains(&queue.len())),
    ] {
        race_bounded(2, move || {
            // Before the last place of the first segment.
            let queue = queue(2, 1);
            let (left, right) = (Arc::clone(&queue), Arc::clone(&queue));
            (
                move || {
                    // Never empty: pushed before it is popped.
                    for n in 2..=3 {
                        push(&left, [n]);
                        pop(&left);
                    }
                },
                move || look(&right),
                move |(), ()| assert_eq!(drain(&queue), [3]),
            )
        });
    }
}

/// Catches `segments_look_without_exchange`: who finds the queue empty, or who pushes, sees the other's word, without a fence.
#[test]
fn who_sleeps_or_who_pushes_sees_the_other() {
    for passed in [0, 3] {
        race(move || {
            let (queue, asleep) = (queue(passed, 0), Arc::new(AtomicU64::new(0)));
            let (left, word) = (Arc::clone(&queue), Arc::clone(&asleep));
            (
                move || {
                    word.store(1, Relaxed);
                    left.is_empty_for_sleeper()
                },
                move || {
                    push(&queue, [1]);
                    asleep.load(Relaxed) == 1
                },
                move |found_empty: bool, saw_sleeper: bool| {
                    assert!(!found_empty || saw_sleeper, "nobody wakes the sleeper");
                },
            )
        });
    }
}

/// The same for the second of two producers.
#[test]
fn the_second_who_pushes_sees_the_sleeper_too() {
    model(|| {
        let (queue, asleep) = (queue(0, 0), Arc::new(AtomicU64::new(0)));
        let producers = [1, 2].map(|n| {
            let (queue, asleep) = (Arc::clone(&queue), Arc::clone(&asleep));
            thread::spawn(move || {
                push(&queue, [n]);
                asleep.load(Relaxed) == 1
            })
        });
        asleep.store(1, Relaxed);
        let found_empty = queue.is_empty_for_sleeper();
        for producer in producers {
            let saw_sleeper = producer.join().unwrap();
            assert!(!found_empty || saw_sleeper);
        }
    });
}
