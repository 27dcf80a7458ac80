//! Sorting in parallel gives what the standard library gives, and keeps every item whatever a comparison does.

use crate::support::{LIMIT, Ledger, Random, panic_of, pool as pool_of, times, within};
use std::cell::Cell;
use std::cmp::Ordering;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

fn on_each_pool(test: impl Fn() + Send + 'static) {
    within(LIMIT, move || {
        for workers in [1, 2, 4] {
            pool_of(workers).install(&test);
        }
    });
}

/// Inputs that sorting algorithms find hard, of `n` items.
fn inputs(n: usize) -> Vec<Vec<u64>> {
    let mut random = Random::new(n as u64 + 1);
    let n64 = n as u64;
    vec![
        (0..n).map(|_| random.next()).collect(),
        (0..n).map(|_| random.below(3)).collect(),
        (0..n).map(|_| random.below(n64 / 16 + 1)).collect(),
        (0..n64).collect(),
        (0..n64).rev().collect(),
        vec![7; n],
        (0..n64).map(|i| i ^ 1).collect(),
        (0..n64).map(|i| i.min(n64 - i)).collect(),
        (0..n64)
            .map(|i| if i % 64 == 0 { random.next() } else { i })
            .collect(),
    ]
}

fn lengths() -> Vec<usize> {
    if cfg!(miri) {
        return vec![0, 1, 15, 16, 17, 200];
    }
    vec![0, 1, 2, 4095, 4096, 4097, 40_000]
}

#[test]
fn sorts_as_the_standard_library_does() {
    on_each_pool(|| {
        for input in lengths().into_iter().flat_map(inputs) {
            let mut expected = input.clone();
            expected.sort();
            let mut stable = input.clone();
            zp::sort(&mut stable);
            assert!(stable == expected);
            let mut unstable = input.clone();
            zp::sort_unstable(&mut unstable);
            assert!(unstable == expected);
            let mut backwards = input.clone();
            zp::sort_unstable_by(&mut backwards, |a, b| b.cmp(a));
            expected.reverse();
            assert!(backwards == expected);
        }
    });
}

#[test]
fn equal_items_keep_their_order() {
    on_each_pool(|| {
        for input in lengths().into_iter().flat_map(inputs) {
            let numbered: Vec<(u64, usize)> = input.iter().map(|x| x % 100).zip(0..).collect();
            let mut expected = numbered.clone();
            expected.sort_by_key(|item| item.0);
            let mut by_key = numbered.clone();
            zp::sort_by_key(&mut by_key, |item| item.0);
            assert!(by_key == expected);
            let mut by = numbered;
            zp::sort_by(&mut by, |a, b| a.0.cmp(&b.0));
            assert!(by == expected);
        }
    });
}

#[test]
fn a_comparison_that_panics_loses_no_item() {
    on_each_pool(|| {
        let n = times(20_000, 100);
        for after in [0, 1, n / 2, 3 * n, 8 * n] {
            let ledger = Ledger::new();
            let mut random = Random::new(after as u64);
            let items: Vec<_> = (0..n).map(|_| (random.next(), ledger.token())).collect();
            for stable in [true, false] {
                let compared = AtomicUsize::new(0);
                let compare = |a: &u64, b: &u64| {
                    assert!(compared.fetch_add(1, Relaxed) != after, "enough");
                    a.cmp(b)
                };
                let mut keys: Vec<u64> = items.iter().map(|item| item.0).collect();
                let mut sorted = keys.clone();
                let message = panic_of(|| {
                    if stable {
                        zp::sort_by(&mut keys, compare);
                    } else {
                        zp::sort_unstable_by(&mut keys, compare);
                    }
                    panic!("enough");
                });
                assert_eq!(message, "enough");
                keys.sort();
                sorted.sort();
                assert!(keys == sorted, "the same items in some order");
            }
            drop(items);
            assert_eq!(ledger.dropped(), n);
        }
    });
}

#[test]
fn an_order_that_makes_no_sense_loses_no_item() {
    on_each_pool(|| {
        let n = times(20_000, 100);
        let ledger = Ledger::new();
        for stable in [true, false] {
            let random = AtomicUsize::new(1);
            let nonsense = |_: &_, _: &_| {
                let x = random.fetch_add(0x9E37_79B9, Relaxed);
                [Ordering::Less, Ordering::Equal, Ordering::Greater][(x >> 7) % 3]
            };
            let mut items: Vec<_> = (0..n).map(|i| (i, ledger.token())).collect();
            // The standard library may panic when it notices.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                if stable {
                    zp::sort_by(&mut items, nonsense);
                } else {
                    zp::sort_unstable_by(&mut items, nonsense);
                }
            }));
            let mut left: Vec<usize> = items.iter().map(|item| item.0).collect();
            left.sort();
            assert!(left.into_iter().eq(0..n));
        }
        assert_eq!(ledger.dropped(), 2 * n);
    });
}

#[test]
fn a_comparison_may_change_items_through_cells() {
    // Each comparison replaces the boxed counts, so a stale copy would be freed twice.
    type Counted = (u64, Cell<Option<Box<usize>>>);
    fn count(item: &Counted) {
        item.1
            .set(Some(Box::new(item.1.take().map_or(0, |n| *n) + 1)));
    }
    on_each_pool(|| {
        let n = times(20_000, 100);
        for stable in [true, false] {
            let compared = AtomicUsize::new(0);
            let mut random = Random::new(5);
            let mut items: Vec<Counted> =
                (0..n).map(|_| (random.next(), Cell::new(None))).collect();
            let compare = |a: &Counted, b: &Counted| {
                compared.fetch_add(2, Relaxed);
                count(a);
                count(b);
                a.0.cmp(&b.0)
            };
            if stable {
                zp::sort_by(&mut items, compare);
            } else {
                zp::sort_unstable_by(&mut items, compare);
            }
            assert!(items.is_sorted_by_key(|item| item.0));
            let counted: usize = items
                .iter()
                .map(|item| item.1.take().map_or(0, |n| *n))
                .sum();
            assert_eq!(counted, compared.into_inner());
        }
    });
}

#[test]
fn zero_sized_items() {
    on_each_pool(|| {
        let mut items = vec![(); 50_000];
        zp::sort(&mut items);
        zp::sort_unstable(&mut items);
        assert_eq!(items.len(), 50_000);
    });
}
