//! The deque's races, small enough to be searched exhaustively. Each test names the broken variants it catches.

use super::super::sample::{assert_each_once, race};
use super::*;
use crate::sync::{model, thread};

/// Tries `attempts` times and returns the numbers of what was stolen.
fn steal(stealer: &Stealer, attempts: usize) -> Vec<u64> {
    (0..attempts)
        .filter_map(|_| match stealer.steal_oldest() {
            Steal::Taken(item) => Some(item.number()),
            Steal::Empty | Steal::Retry => None,
        })
        .collect()
}

/// Pops until nothing is left.
fn drain(owner: &Owner) -> Vec<u64> {
    std::iter::from_fn(|| owner.pop_newest().map(Item::number)).collect()
}

fn push(owner: &Owner, numbers: impl IntoIterator<Item = u64>) {
    for n in numbers {
        owner.push_newest(Item::sample(n));
    }
}

/// Starts with the items `1..=before` and ends with `1..=after` taken once each: by the owner, who does `work`
/// and then pops all, or by a thief, who tries `attempts` times.
fn owner_against_thief(before: u64, after: u64, attempts: usize, work: fn(&Owner) -> Vec<u64>) {
    race(move || {
        let (owner, stealer) = deque(2);
        push(&owner, 1..=before);
        (
            move || {
                let mut popped = work(&owner);
                popped.extend(drain(&owner));
                (owner, popped)
            },
            move || steal(&stealer, attempts),
            move |(owner, popped): (Owner, Vec<u64>), stolen: Vec<u64>| {
                assert!(stolen.is_sorted(), "oldest first: {stolen:?}");
                assert_each_once(after, &[&popped, &stolen]);
                assert_eq!(owner.len(), 0);
            },
        )
    });
}

/// Catches `deque_last_item_by_store`.
#[test]
fn last_item_goes_to_the_owner_or_the_thief() {
    owner_against_thief(1, 1, 1, |_| Vec::new());
}

/// Catches `deque_pop_fence` and `deque_steal_fence`, and under Miri, which knows more of `SeqCst` accesses than
/// loom does, `deque_pop_acqrel` and `deque_steal_acquire`: the owner takes the second of two items without an
/// exchange while the thief, two steals later, has come as far.
#[test]
fn pop_meets_the_thief_in_the_middle() {
    owner_against_thief(2, 2, 2, |_| Vec::new());
}

/// Catches `deque_pop_without_restore`: what is pushed after a lost race must be found.
#[test]
fn push_after_a_lost_last_item() {
    owner_against_thief(1, 2, 1, |owner| {
        let popped = Vec::from_iter(owner.pop_newest().map(Item::number));
        push(owner, [2]);
        popped
    });
}

/// Catches `deque_push_relaxed`: the thief sees the index but not the item.
#[test]
fn stolen_item_is_what_was_pushed() {
    owner_against_thief(0, 1, 1, |owner| {
        push(owner, [1]);
        Vec::new()
    });
}

/// Catches `deque_grow_early_publish`.
#[test]
fn growth_during_a_steal() {
    owner_against_thief(2, 3, 2, |owner| {
        push(owner, [3]);
        Vec::new()
    });
}

/// Catches `deque_read_after_cas`: the slot of a stolen item is used again at once.
#[test]
fn slot_reused_during_a_steal() {
    owner_against_thief(2, 4, 1, |owner| {
        let popped = Vec::from_iter(owner.pop_newest().map(Item::number));
        push(owner, [3, 4]);
        popped
    });
}

/// An item pushed again at an index that was popped is never mixed up with its predecessor.
#[test]
fn index_reused_during_a_steal() {
    owner_against_thief(2, 3, 2, |owner| {
        let popped = Vec::from_iter(owner.pop_newest().map(Item::number));
        push(owner, [3]);
        popped
    });
}

#[test]
fn two_thieves_and_the_owner() {
    model(|| {
        let (owner, stealer) = deque(2);
        push(&owner, [1, 2]);
        let other = stealer.clone();
        let first = thread::spawn(move || steal(&stealer, 2));
        let second = thread::spawn(move || steal(&other, 1));
        let mut popped = Vec::from_iter(owner.pop_newest().map(Item::number));
        push(&owner, [3]);
        popped.extend(drain(&owner));
        let (first, second) = (first.join().unwrap(), second.join().unwrap());
        assert_each_once(3, &[&popped, &first, &second]);
    });
}

/// An item whose tag is its number modulo 10.
fn tagged(n: u64) -> Item {
    Item {
        ptr: ptr::without_provenance_mut(n as usize),
        tag: n % 10,
    }
}

/// Catches `deque_tag_after_exchange`: a tagged steal returns an item of that tag, and the right one.
#[test]
fn tagged_steal_takes_only_its_tag() {
    race(|| {
        let (owner, stealer) = deque(1);
        owner.push_newest(tagged(11));
        (
            move || {
                let mut popped = Vec::from_iter(owner.pop_newest());
                owner.push_newest(tagged(22));
                (owner, popped.pop())
            },
            move || stealer.steal_oldest_tagged(1),
            |(owner, popped): (Owner, Option<Item>), steal| {
                // Item 11 was there to begin with, and only the thief can have been faster than the owner.
                assert_eq!(popped.is_none(), steal == Steal::Taken(tagged(11)));
                assert_eq!(matches!(steal, Steal::Taken(_)), popped.is_none());
                assert_eq!(owner.pop_newest(), Some(tagged(22)));
                assert_eq!(owner.pop_newest(), None);
            },
        )
    });
}

/// Catches `deque_tag_without_recheck`: the oldest item has the tag all the time, if not always the same item;
/// `Empty` would be wrong.
#[test]
fn tagged_steal_does_not_overlook() {
    race(|| {
        let (owner, stealer) = deque(2);
        owner.push_newest(tagged(11));
        owner.push_newest(tagged(21));
        let other = stealer.clone();
        (
            move || {
                let _ = other.steal_oldest();
                // The slot of the stolen item, if it was that, now says something else.
                owner.push_newest(tagged(32));
                owner
            },
            move || stealer.steal_oldest_tagged(1),
            |_, steal| assert_ne!(steal, Steal::Empty),
        )
    });
}
