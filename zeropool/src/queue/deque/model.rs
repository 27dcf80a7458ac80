//! The deque's races, small enough to be searched exhaustively. Each test names the broken variants it catches.

use super::super::sample::assert_each_once;
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

/// Catches `deque_last_item_by_store`.
#[test]
fn last_item_goes_to_the_owner_or_the_thief() {
    model(|| {
        let (owner, stealer) = deque(2);
        push(&owner, [1]);
        let thief = thread::spawn(move || steal(&stealer, 1));
        let popped = drain(&owner);
        assert_each_once(1, &[&popped, &thief.join().unwrap()]);
        assert!(owner.is_empty());
    });
}

/// Catches `deque_pop_fence` and `deque_steal_fence`: the owner takes the second of two items without an
/// exchange while the thief, two steals later, has come as far.
#[test]
fn pop_meets_the_thief_in_the_middle() {
    model(|| {
        let (owner, stealer) = deque(2);
        push(&owner, [1, 2]);
        let thief = thread::spawn(move || steal(&stealer, 2));
        let popped = drain(&owner);
        assert_each_once(2, &[&popped, &thief.join().unwrap()]);
    });
}

/// Catches `deque_pop_without_restore`: what is pushed after a lost race must be found.
#[test]
fn push_after_a_lost_last_item() {
    model(|| {
        let (owner, stealer) = deque(2);
        push(&owner, [1]);
        let thief = thread::spawn(move || steal(&stealer, 1));
        let mut popped = Vec::from_iter(owner.pop_newest().map(Item::number));
        push(&owner, [2]);
        let stolen = thief.join().unwrap();
        popped.extend(drain(&owner));
        assert_each_once(2, &[&popped, &stolen]);
    });
}

/// Catches `deque_push_relaxed`: the thief sees the index but not the item.
#[test]
fn stolen_item_is_what_was_pushed() {
    model(|| {
        let (owner, stealer) = deque(2);
        let thief = thread::spawn(move || steal(&stealer, 1));
        push(&owner, [1]);
        let stolen = thief.join().unwrap();
        assert_each_once(1, &[&drain(&owner), &stolen]);
    });
}

/// Catches `deque_grow_early_publish`.
#[test]
fn growth_during_a_steal() {
    model(|| {
        let (owner, stealer) = deque(2);
        push(&owner, [1, 2]);
        let thief = thread::spawn(move || steal(&stealer, 2));
        push(&owner, [3]);
        let stolen = thief.join().unwrap();
        assert_each_once(3, &[&drain(&owner), &stolen]);
    });
}

/// Catches `deque_read_after_cas`: the slot of a stolen item is used again at once.
#[test]
fn slot_reused_during_a_steal() {
    model(|| {
        let (owner, stealer) = deque(2);
        push(&owner, [1, 2]);
        let thief = thread::spawn(move || steal(&stealer, 1));
        let popped = owner.pop_newest().unwrap().number();
        push(&owner, [3, 4]);
        let stolen = thief.join().unwrap();
        let rest = drain(&owner);
        assert_each_once(4, &[&[popped], &stolen, &rest]);
    });
}

/// An item pushed again at an index that was popped is never mixed up with its predecessor.
#[test]
fn index_reused_during_a_steal() {
    model(|| {
        let (owner, stealer) = deque(2);
        push(&owner, [1, 2]);
        let thief = thread::spawn(move || steal(&stealer, 2));
        let mut popped = Vec::from_iter(owner.pop_newest().map(Item::number));
        push(&owner, [3]);
        popped.extend(drain(&owner));
        assert_each_once(3, &[&popped, &thief.join().unwrap()]);
    });
}

#[test]
fn two_thieves_and_the_owner() {
    model(|| {
        let (owner, stealer) = deque(2);
        push(&owner, [1, 2]);
        let other = stealer.clone();
        let first = thread::spawn(move || steal(&stealer, 1));
        let second = thread::spawn(move || steal(&other, 1));
        let popped = drain(&owner);
        let (first, second) = (first.join().unwrap(), second.join().unwrap());
        assert_each_once(2, &[&popped, &first, &second]);
    });
}

/// An item whose tag is its number modulo 10.
fn tagged(n: u64) -> Item {
    Item {
        ptr: ptr::without_provenance_mut(n as usize),
        tag: n % 10,
    }
}

/// Catches `deque_read_after_cas`: a tagged steal returns that tag, with the pointer that belongs to it.
#[test]
fn tagged_steal_takes_only_its_tag() {
    model(|| {
        let (owner, stealer) = deque(1);
        owner.push_newest(tagged(11));
        let thief = thread::spawn(move || stealer.steal_oldest_tagged(1));
        let mut left = Vec::from_iter(owner.pop_newest());
        owner.push_newest(tagged(22));
        owner.push_newest(tagged(31));
        if let Steal::Taken(item) = thief.join().unwrap() {
            assert_eq!(item.tag, 1);
            left.push(item);
        }
        left.extend(std::iter::from_fn(|| owner.pop_newest()));
        left.sort_unstable_by_key(|item| item.ptr.addr());
        assert_eq!(left, [tagged(11), tagged(22), tagged(31)]);
    });
}

/// Catches `deque_tag_without_recheck`: the oldest item has the tag all the time, if not always the same item;
/// `Empty` would be wrong.
#[test]
fn tagged_steal_does_not_overlook() {
    model(|| {
        let (owner, stealer) = deque(2);
        owner.push_newest(tagged(11));
        owner.push_newest(tagged(21));
        let other = stealer.clone();
        let thief = thread::spawn(move || stealer.steal_oldest_tagged(1));
        assert!(matches!(other.steal_oldest(), Steal::Taken(_) | Steal::Retry));
        // The slot of the stolen item, if it was that, now says something else.
        owner.push_newest(tagged(32));
        assert_ne!(thief.join().unwrap(), Steal::Empty);
    });
}
