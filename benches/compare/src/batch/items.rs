//! A thousand items: how much is the price of sharing them, and how well are they shared.

use crate::contest::{Contest, Entries, LoopKernel, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Cx, Loops, Pools};
use crate::random::scatter;
use std::hint::black_box;

/// The price of a batch that needs nobody's help.
pub(super) const EMPTY: Row = Row {
    name: "empty-1000",
    shows: "1 000 empty items inside the pool: what a batch costs that nobody needs to help with",
    size: 1000,
    tiny: 100,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, n| empty(pools, Place::Inside, n),
};

/// As inside, with the way into the pool and back out each time.
pub(super) const EMPTY_OUTSIDE: Row = Row {
    name: "empty-1000-outside",
    shows: "1 000 empty items from a thread outside the pool: the way in and out besides",
    make: |pools, n| empty(pools, Place::Outside, n),
    ..EMPTY
};

/// A few wake-ups long: who is slow to share gains nothing.
pub(super) const STEPS_100: Row = Row {
    name: "steps-100",
    shows: "1 000 items of 100 xorshift steps inside the pool: some 100 µs of work, shared soon enough or not at all",
    size: 100,
    tiny: 3,
    needs: Needs::One,
    kind: Kind::Shared,
    make: |pools, steps| even(pools, Place::Inside, steps),
};

/// As inside, with the way into the pool and back out each time.
pub(super) const STEPS_100_OUTSIDE: Row = Row {
    name: "steps-100-outside",
    shows: "1 000 items of 100 xorshift steps from a thread outside the pool",
    make: |pools, steps| even(pools, Place::Outside, steps),
    ..STEPS_100
};

/// Coarse enough for everybody.
pub(super) const STEPS_10_000: Row = Row {
    name: "steps-10000",
    shows: "1 000 items of 10 000 xorshift steps inside the pool: coarse enough for everybody",
    size: 10_000,
    ..STEPS_100
};

/// As inside, with the way into the pool and back out each time.
pub(super) const STEPS_10_000_OUTSIDE: Row = Row {
    name: "steps-10000-outside",
    shows: "1 000 items of 10 000 xorshift steps from a thread outside the pool",
    size: 10_000,
    ..STEPS_100_OUTSIDE
};

/// Three quarters of the work lie in the second half of the items.
pub(super) const UNEVEN: Row = Row {
    name: "uneven",
    shows: "1 000 items inside the pool, item i costs 10 i steps: is what is left shared again",
    size: 10,
    tiny: 1,
    make: |pools, steps| {
        contest(
            pools,
            Place::Inside,
            Fill::new(move |i| xorshift(i, i * steps as u64)),
        )
    },
    ..STEPS_100
};

/// The second benchmark of the zero-pool crate, with results that go where the caller says.
pub(super) const INDEXED: Row = Row {
    name: "indexed-1000",
    shows: "1 000 results of some nanoseconds inside the pool, by index into a slice",
    size: 100,
    tiny: 3,
    make: |pools, steps| indexed(pools, Place::Inside, steps),
    ..EMPTY
};

/// As inside, with the way into the pool and back out each time.
pub(super) const INDEXED_OUTSIDE: Row = Row {
    name: "indexed-1000-outside",
    shows: "1 000 results of some nanoseconds from a thread outside the pool, by index into a slice",
    make: |pools, steps| indexed(pools, Place::Outside, steps),
    ..INDEXED
};

/// The first benchmark of the zero-pool crate.
pub(super) const OVERHEAD: Row = Row {
    name: "task-overhead",
    shows: "1 000 constants from a thread outside the pool, into a new vector: the price of a batch and of its results",
    make: |pools, n| {
        Entries::new(pools, Place::Outside, Constants(n))
            .all_that_loop()
            .close()
    },
    ..EMPTY
};

/// The third benchmark of the zero-pool crate.
pub(super) const HEAVY: Row = Row {
    name: "heavy-compute",
    shows: "1 000 items of 30 000 steps with branches from a thread outside the pool: nothing but work",
    size: 30_000,
    tiny: 3,
    make: |pools, steps| {
        let steps = steps as u64;
        contest(
            pools,
            Place::Outside,
            Fill::new(move |i| branches(i, steps)),
        )
    },
    ..STEPS_100
};

/// Plain work: each step needs the one before it.
#[inline(never)]
fn xorshift(seed: u64, steps: u64) -> u64 {
    (0..steps).fold(seed + 1, |x, _| {
        let x = x ^ x << 13;
        let x = x ^ x >> 7;
        x ^ x << 17
    })
}

/// Plain work with branches that depend on its values.
#[inline(never)]
fn branches(seed: u64, steps: u64) -> u64 {
    let (mut x, mut sum) = (scatter(seed), 0_u64);
    for _ in 0..steps {
        x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        sum = sum.wrapping_add(x);
        if x.is_multiple_of(3) {
            sum = sum.wrapping_mul(17);
        } else if x.is_multiple_of(7) {
            sum = sum.wrapping_add(x >> 8);
        }
    }
    sum
}

fn empty(pools: &Pools, place: Place, n: usize) -> Contest<'_> {
    Entries::new(pools, place, Empty(n)).all_that_loop().close()
}

fn even(pools: &Pools, place: Place, steps: usize) -> Contest<'_> {
    let steps = steps as u64;
    contest(pools, place, Fill::new(move |i| xorshift(i, steps)))
}

fn indexed(pools: &Pools, place: Place, steps: usize) -> Contest<'_> {
    // The compiler finds the closed form: what is left is a few multiplications.
    let value = move |i: u64| {
        (0..black_box(steps) as u64).fold(i, |sum, step| sum.wrapping_add(step.wrapping_mul(17)))
    };
    contest(pools, place, Fill::new(value))
}

fn contest<F>(pools: &Pools, place: Place, fill: Fill<F>) -> Contest<'_>
where
    F: Fn(u64) -> u64 + Send + Sync + 'static,
{
    Entries::new(pools, place, fill).all_that_loop().close()
}

/// Items that do nothing. Whether each is run once is a test of `peers/loops.rs`.
struct Empty(usize);

impl Work for Empty {
    fn expected(&self) -> u64 {
        self.0 as u64
    }
}

impl LoopKernel for Empty {
    fn run<L: Loops>(&mut self, cx: Cx<'_, '_, L>) -> u64 {
        L::times(cx, self.0, |i| {
            black_box(i);
        });
        self.0 as u64
    }
}

/// A result for each item, in a slice that is there before.
struct Fill<F> {
    value: F,
    results: Vec<u64>,
    expected: u64,
}

/// A number that depends on each result and on its place.
fn digest(results: impl Iterator<Item = u64>) -> u64 {
    results
        .enumerate()
        .map(|(i, result)| scatter(result ^ scatter(i as u64)))
        .fold(0, u64::wrapping_add)
}

impl<F: Fn(u64) -> u64> Fill<F> {
    const ITEMS: usize = 1000;

    fn new(value: F) -> Self {
        Self {
            expected: digest((0..Self::ITEMS as u64).map(&value)),
            value,
            results: vec![0; Self::ITEMS],
        }
    }
}

impl<F: Fn(u64) -> u64 + Send + Sync> Work for Fill<F> {
    const PREPARES: bool = true;

    fn prepare(&mut self) {
        self.results.fill(0);
    }

    fn digest(&self) -> u64 {
        digest(self.results.iter().copied())
    }

    fn expected(&self) -> u64 {
        self.expected
    }
}

impl<F: Fn(u64) -> u64 + Send + Sync> LoopKernel for Fill<F> {
    fn run<L: Loops>(&mut self, cx: Cx<'_, '_, L>) -> u64 {
        let Self { value, results, .. } = self;
        L::fill(cx, results, |i| value(i as u64));
        0
    }
}

/// The same result for each item, in a new vector.
struct Constants(usize);

const CONSTANT: u64 = 42;

impl Work for Constants {
    fn expected(&self) -> u64 {
        self.0 as u64 * CONSTANT
    }
}

impl LoopKernel for Constants {
    fn run<L: Loops>(&mut self, cx: Cx<'_, '_, L>) -> u64 {
        let results = L::collect(cx, self.0, |_| black_box(CONSTANT));
        results.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_depends_on_every_step() {
        assert_ne!(xorshift(1, 10), xorshift(1, 11));
        assert_ne!(xorshift(1, 10), xorshift(2, 10));
        assert_ne!(branches(1, 10), branches(1, 11));
    }

    #[test]
    fn a_missing_result_or_two_exchanged_ones_have_another_digest() {
        let mut fill = Fill::new(|i| xorshift(i, 5));
        assert_ne!(fill.digest(), fill.expected());
        for (i, result) in fill.results.iter_mut().enumerate() {
            *result = xorshift(i as u64, 5);
        }
        assert_eq!(fill.digest(), fill.expected());
        fill.results.swap(0, 1);
        assert_ne!(fill.digest(), fill.expected());
    }
}
