//! The deque on real threads and under Miri.

use super::super::sample::assert_each_once;
use super::*;
use crate::sync::{AtomicBool, thread};
use std::time::Instant;

const ITEMS: u64 = if cfg!(miri) { 200 } else { 100_000 };

/// Steals until the owner has said that it is done and nothing is left.
fn steal_all(stealer: &Stealer, done: &AtomicBool) -> Vec<u64> {
    let mut stolen = Vec::new();
    loop {
        let last_round = done.load(Acquire);
        match stealer.steal_oldest() {
            Steal::Taken(item) => stolen.push(item.number()),
            Steal::Empty if last_round => return stolen,
            Steal::Empty | Steal::Retry => thread::yield_now(),
        }
    }
}

/// One owner that runs `work`, three thieves; every item comes out once.
fn with_three_thieves(count: u64, work: impl FnOnce(&Owner) -> Vec<u64>) {
    let (owner, stealer) = deque(2);
    let done = AtomicBool::new(false);
    let (popped, stolen) = thread::scope(|s| {
        let thieves: Vec<_> = (0..3)
            .map(|_| s.spawn(|| steal_all(&stealer, &done)))
            .collect();
        let popped = work(&owner);
        done.store(true, Release);
        let stolen: Vec<_> = thieves.into_iter().map(|t| t.join().unwrap()).collect();
        (popped, stolen)
    });
    assert!(stolen.iter().all(|part| part.is_sorted()), "oldest first");
    assert_each_once(count, &[&popped, &stolen[0], &stolen[1], &stolen[2]]);
    assert!(stealer.is_empty());
}

#[test]
fn owner_pushes_and_thieves_take_all() {
    with_three_thieves(ITEMS, |owner| {
        for n in 1..=ITEMS {
            owner.push_newest(Item::sample(n));
        }
        while owner.len() > 0 {
            thread::yield_now();
        }
        Vec::new()
    });
}

#[test]
fn owner_pops_what_it_just_pushed() {
    with_three_thieves(ITEMS, |owner| {
        let mut popped = Vec::new();
        for n in 1..=ITEMS {
            owner.push_newest(Item::sample(n));
            popped.extend(owner.pop_newest().map(Item::number));
        }
        popped
    });
}

#[test]
fn owner_pushes_and_pops_in_waves() {
    with_three_thieves(ITEMS, |owner| {
        let mut popped = Vec::new();
        let mut next = 1;
        let mut wave = 1;
        while next <= ITEMS {
            let end = ITEMS.min(next + wave - 1);
            for n in next..=end {
                owner.push_newest(Item::sample(n));
            }
            for _ in 0..wave.div_ceil(2) {
                popped.extend(owner.pop_newest().map(Item::number));
            }
            next = end + 1;
            wave = wave % 37 + 1;
        }
        popped.extend(std::iter::from_fn(|| owner.pop_newest().map(Item::number)));
        popped
    });
}

#[test]
fn one_thread_sees_both_ends_in_order() {
    let (owner, stealer) = deque(1);
    for n in 1..=9 {
        owner.push_newest(Item::sample(n));
    }
    assert_eq!(stealer.len(), 9);
    assert_eq!(stealer.steal_oldest(), Steal::Taken(Item::sample(1)));
    assert_eq!(owner.pop_newest(), Some(Item::sample(9)));
    assert_eq!(stealer.steal_oldest_tagged(3), Steal::Empty);
    assert_eq!(
        stealer.steal_oldest_tagged(2),
        Steal::Taken(Item::sample(2))
    );
    for n in (3..=8).rev() {
        assert_eq!(owner.pop_newest(), Some(Item::sample(n)));
    }
    assert_eq!(owner.pop_newest(), None);
    assert_eq!(owner.stealer().steal_oldest(), Steal::Empty);
    assert!(stealer.is_empty());
}

#[test]
fn stealer_outlives_the_owner() {
    let (owner, stealer) = deque(0);
    owner.push_newest(Item::sample(1));
    drop(owner);
    assert_eq!(stealer.steal_oldest(), Steal::Taken(Item::sample(1)));
    assert_eq!(stealer.steal_oldest(), Steal::Empty);
}

/// Prints what a steal costs when nobody else wants the item, out of what another core has written:
/// `cargo test --release -p zeropool --lib figures -- --nocapture`.
#[test]
fn figures_of_a_steal() {
    for _ in 0..3 {
        let (owner, stealer) = deque(2);
        for n in 1..=ITEMS {
            owner.push_newest(Item::sample(n));
        }
        let thief = || {
            let mut stolen = Vec::with_capacity(ITEMS as usize);
            let begun = Instant::now();
            while let Steal::Taken(item) = stealer.steal_oldest() {
                stolen.push(item.number());
            }
            (begun.elapsed(), stolen)
        };
        let (took, stolen) = thread::scope(|s| s.spawn(thief).join().unwrap());
        assert_each_once(ITEMS, &[&stolen]);
        println!("{:.1} ns per steal", took.as_nanos() as f64 / ITEMS as f64);
    }
}
