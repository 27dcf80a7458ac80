//! What the three kinds of queue have in common, and how they differ; and a stress test with a seed.

use super::super::sample::{number_of, sample};
use super::*;
use crate::sync::{
    AtomicU64,
    Ordering::{Acquire, Relaxed},
    thread,
};
use std::time::Instant;

fn n(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn kind(capacity: Option<u32>, locked: bool) -> Kind {
    Kind {
        capacity: capacity.map(n),
        locked,
    }
}

fn kinds() -> [Kind; 4] {
    [
        kind(None, false),
        kind(Some(100), false),
        kind(None, true),
        kind(Some(100), true),
    ]
}

fn drain(queue: &Global) -> Vec<u64> {
    std::iter::from_fn(|| queue.pop().map(number_of)).collect()
}

#[test]
fn one_thread_sees_first_in_first_out_in_every_kind() {
    for kind in kinds() {
        let queue = Global::new(kind);
        // Rings go round.
        for _ in 0..if cfg!(miri) { 2 } else { 5 } {
            assert!(queue.is_empty() && queue.pop().is_none());
            for number in 1..=60 {
                queue.push(sample(number)).unwrap();
            }
            assert!(!queue.is_empty());
            assert_eq!(queue.len(), 60);
            assert!(drain(&queue).into_iter().eq(1..=60));
            assert_eq!(queue.len(), 0);
        }
    }
}

#[test]
fn a_queue_with_a_bound_takes_exactly_so_many() {
    for locked in [false, true] {
        for capacity in if cfg!(miri) {
            &[1, 2, 7][..]
        } else {
            &[1, 2, 3, 7, 64]
        } {
            let capacity = *capacity;
            let queue = Global::new(kind(Some(capacity), locked));
            let mut next = 1;
            let mut oldest = 1;
            for round in 0..3 * u64::from(capacity) + 3 {
                while queue.push(sample(next)).is_ok() {
                    next += 1;
                }
                assert_eq!(queue.len(), capacity as usize);
                assert_eq!(queue.push(sample(7)), Err(sample(7)));
                for _ in 0..=round % u64::from(capacity) {
                    assert_eq!(queue.pop().map(number_of), Some(oldest));
                    oldest += 1;
                }
            }
            // There is room for what was just taken out, even if its place has gone to another one.
            while queue.push(sample(next)).is_ok() {
                next += 1;
            }
            for _ in 0..2 * capacity {
                let item = queue.pop().unwrap();
                while queue.push(sample(next)).is_ok() {
                    next += 1;
                }
                queue.push_back(item);
            }
            assert_eq!(drain(&queue).len(), capacity as usize + 1);
        }
    }
}

/// A word for each 64 numbers: which of them were delivered.
struct Delivered(Box<[AtomicU64]>);

impl Delivered {
    fn new(count: u64) -> Self {
        Self((0..count.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    fn mark(&self, number: u64) {
        let bit = 1 << (number % 64);
        let before = self.0[(number / 64) as usize].fetch_or(bit, Relaxed);
        assert!(before & bit == 0, "{number} was delivered twice");
    }

    fn count(&self) -> u64 {
        let words = self.0.iter().map(|word| word.load(Relaxed));
        words.map(|word| u64::from(word.count_ones())).sum()
    }
}

const PRODUCERS: u64 = 8;
const CONSUMERS: u64 = 8;

/// `PRODUCERS` threads push, `CONSUMERS` threads pop, and both pause now and then. Every number is delivered once, and each consumer sees
/// each producer's pushes in their order.
fn stress(kind: Kind, items: u64, seed: u64) {
    let each = items / PRODUCERS;
    let delivered = Delivered::new(each * PRODUCERS);
    let left = AtomicU64::new(each * PRODUCERS);
    let queue = Global::new(kind);
    let produce = |producer: u64| {
        let mut random = (seed + producer).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = producer * each;
        let end = next + each;
        while next < end {
            // xorshift64 (Marsaglia 2003, doi 10.18637/jss.v008.i14).
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if queue.push(sample(next)).is_ok() {
                next += 1;
                if !(random >> 32).is_multiple_of(64) {
                    continue;
                }
            }
            thread::yield_now();
        }
    };
    let consume = || {
        let mut next = [0; PRODUCERS as usize];
        while left.load(Acquire) > 0 {
            let Some(number) = queue.pop().map(number_of) else {
                thread::yield_now();
                continue;
            };
            let next = &mut next[(number / each) as usize];
            assert!(*next <= number, "{number} after {next}");
            *next = number + 1;
            delivered.mark(number);
            left.fetch_sub(1, Relaxed);
        }
    };
    thread::scope(|s| {
        for producer in 0..PRODUCERS {
            let produce = &produce;
            s.spawn(move || produce(producer));
        }
        for _ in 0..CONSUMERS {
            s.spawn(consume);
        }
    });
    assert_eq!(delivered.count(), each * PRODUCERS);
    assert!(queue.is_empty());
    assert_eq!(queue.len(), 0);
}

/// `ZEROPOOL_STRESS_ITEMS=100000000 ZEROPOOL_STRESS_SEED=7 cargo test --release -p zeropool --lib stress -- --nocapture` for more.
#[test]
fn stress_every_item_is_delivered_once_in_order() {
    let number = |name: &str, default: u64| match std::env::var(name) {
        Ok(value) => value.parse().unwrap(),
        Err(_) => default,
    };
    let items = number(
        "ZEROPOOL_STRESS_ITEMS",
        if cfg!(miri) { 160 } else { 200_000 },
    );
    let seed = number("ZEROPOOL_STRESS_SEED", 1);
    // With a small bound the threads wait for each other all the time: fewer items there.
    for (kind, items) in [
        (kind(None, false), items),
        (kind(Some(1), false), items / 100),
        (kind(Some(1000), false), items),
        (kind(None, true), items),
        (kind(Some(10), true), items / 10),
    ] {
        let begun = Instant::now();
        stress(kind, items, seed);
        println!(
            "{kind:?}: {items} items, seed {seed}, {:?}",
            begun.elapsed()
        );
    }
}
