//! What the three kinds of queue have in common, and how they differ; and a stress test with a seed.

use super::*;
use crate::sync::{
    AtomicU64,
    Ordering::{Acquire, Relaxed},
    thread,
};
use std::ptr;
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
    std::iter::from_fn(|| queue.pop().map(Popped::number)).collect()
}

#[test]
fn one_thread_sees_first_in_first_out_in_every_kind() {
    for kind in kinds() {
        let queue = Global::new(kind);
        // Rings go round.
        for _ in 0..5 {
            assert!(queue.is_empty() && queue.pop().is_none() && queue.pop_one().is_none());
            for number in 1..=60 {
                queue.push(Item::sample(number)).unwrap();
            }
            assert!(!queue.is_empty());
            assert_eq!(queue.len(), 60);
            assert!(drain(&queue).into_iter().eq(1..=60));
            assert_eq!(queue.len(), 0);
        }
    }
}

#[test]
fn a_batch_is_one_entry_and_its_parts_count_down() {
    for kind in kinds() {
        let queue = Global::new(kind);
        queue.push(Item::sample(1)).unwrap();
        queue.push_batch(Item::sample(2), n(3)).unwrap();
        queue.push(Item::sample(5)).unwrap();
        assert_eq!(queue.len(), 3);
        assert_eq!(drain(&queue), [1, 4, 3, 2, 5]);
    }
}

#[test]
fn only_single_items_are_popped_as_such() {
    for kind in kinds() {
        let queue = Global::new(kind);
        queue.push(Item::sample(1)).unwrap();
        let ticket = queue.push_batch(Item::sample(2), n(1)).unwrap();
        queue.push(Item::sample(3)).unwrap();
        assert_eq!(queue.pop_one(), Some(Item::sample(1)));
        assert_eq!(queue.pop_one(), None, "the batch is the oldest");
        assert_eq!(queue.claim(ticket), Some(0));
        assert_eq!(queue.pop_one(), Some(Item::sample(3)));
        queue.push_back(Item::sample(4));
        assert_eq!(drain(&queue), [4]);
    }
}

#[test]
fn a_ticket_claims_wherever_the_batch_lies_until_nothing_is_left() {
    for kind in kinds() {
        let queue = Global::new(kind);
        let first = queue.push_batch(Item::sample(1), n(2)).unwrap();
        let second = queue.push_batch(Item::sample(3), n(3)).unwrap();
        assert_eq!(queue.claim(second), Some(2));
        assert_eq!(queue.pop(), Some(Popped::Part(Item::sample(1), 1)));
        assert_eq!(queue.claim_rest(second), 2);
        assert_eq!((queue.claim(second), queue.claim_rest(second)), (None, 0));
        assert_eq!(queue.claim(first), Some(0));
        // Two tombstones.
        assert!(queue.is_empty());
        assert_eq!((queue.pop(), queue.len()), (None, 0));
        // Their places go to others, from which the old tickets get nothing.
        for number in 0..300 {
            queue.push_batch(Item::sample(number), n(1)).unwrap();
            assert_eq!((queue.claim(first), queue.claim(second)), (None, None));
            assert_eq!(drain(&queue), [number]);
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
                while queue.push(Item::sample(next)).is_ok() {
                    next += 1;
                }
                assert_eq!(queue.len(), capacity as usize);
                assert_eq!(queue.push(Item::sample(7)), Err(Item::sample(7)));
                assert_eq!(queue.push_batch(Item::sample(7), n(7)), None);
                for _ in 0..=round % u64::from(capacity) {
                    assert_eq!(queue.pop().map(Popped::number), Some(oldest));
                    oldest += 1;
                }
            }
            // There is room for what was just taken out, even if its place has gone to another one.
            while queue.push(Item::sample(next)).is_ok() {
                next += 1;
            }
            for _ in 0..2 * capacity {
                let item = queue.pop_one().unwrap();
                while queue.push(Item::sample(next)).is_ok() {
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

/// `PRODUCERS` threads push single items and batches and claim from some of these by ticket; `CONSUMERS` threads pop. Every number is
/// delivered once, and each consumer sees each producer's pushes in their order.
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
            let item = Item {
                ptr: ptr::without_provenance_mut(producer as usize),
                tag: next,
            };
            let parts = (random >> 32) % 8;
            if parts < 2 {
                if queue.push(item).is_ok() {
                    next += 1;
                    continue;
                }
            } else {
                let parts = parts.min(end - next);
                if let Some(ticket) = queue.push_batch(item, n(parts as u32)) {
                    for _ in 0..(random >> 40) % 4 {
                        if let Some(part) = queue.claim(ticket) {
                            delivered.mark(next + u64::from(part));
                            left.fetch_sub(1, Relaxed);
                        }
                    }
                    next += parts;
                    continue;
                }
            }
            thread::yield_now();
        }
    };
    let consume = || {
        let mut last = [0; PRODUCERS as usize];
        while left.load(Acquire) > 0 {
            let (item, number) = match queue.pop() {
                Some(Popped::One(item)) => (item, item.tag),
                Some(Popped::Part(item, part)) => (item, item.tag + u64::from(part)),
                None => {
                    thread::yield_now();
                    continue;
                }
            };
            let last = &mut last[item.ptr.addr()];
            assert!(*last <= item.tag, "{} after {last}", item.tag);
            *last = item.tag;
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
