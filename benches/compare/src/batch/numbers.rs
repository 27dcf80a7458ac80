//! Ten million numbers: a few instructions for each, and more of them than fit into any cache.

use crate::contest::{Contest, Entries, LoopKernel, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Cx, Loops, Pools};
use crate::random::scatter;

/// As fast as memory, if nothing stands between the loop and the compiler.
pub(super) const EACH: Row = Row {
    name: "each-10m",
    shows: "10 000 000 f32 changed in their places: is the loop inside still a loop",
    size: 10_000_000,
    tiny: 5_000,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, n| contest(pools, Each(Numbers::new(n))),
};

/// The system hands out the pages of the new vector while the loop runs.
pub(super) const MAP: Row = Row {
    name: "map-collect-10m",
    shows: "10 000 000 f32 mapped into a new vector: results in order, in memory that is new",
    make: |pools, n| contest(pools, Map(Numbers::new(n))),
    ..EACH
};

/// Each addition waits for the one before it, so this is arithmetic rather than memory.
pub(super) const SUM: Row = Row {
    name: "sum-10m",
    shows: "sum of 10 000 000 f32: one result for all",
    make: |pools, n| contest(pools, Sum(Numbers::new(n))),
    ..EACH
};

fn contest<K: LoopKernel + 'static>(pools: &Pools, kernel: K) -> Contest<'_> {
    Entries::new(pools, Place::Inside, kernel)
        .all_that_loop()
        .close()
}

/// What is done with each number.
fn changed(x: f32) -> f32 {
    x * 0.5 + 3.0
}

/// A number that depends on each number and on its place.
fn digest(numbers: impl Iterator<Item = f32>) -> u64 {
    numbers
        .enumerate()
        .map(|(i, x)| scatter((i as u64) << 32 | u64::from(x.to_bits())))
        .fold(0, u64::wrapping_add)
}

/// Small whole numbers of both signs: their sums are exact in any order.
struct Numbers {
    input: Vec<f32>,
    work: Vec<f32>,
    /// Of all of them changed.
    digest: u64,
}

impl Numbers {
    fn new(n: usize) -> Self {
        let input: Vec<f32> = (0..n as u64)
            .map(|i| (scatter(i) >> 60) as f32 - 7.5)
            .map(f32::ceil)
            .collect();
        Self {
            work: Vec::new(),
            digest: digest(input.iter().copied().map(changed)),
            input,
        }
    }
}

struct Each(Numbers);

impl Work for Each {
    const PREPARES: bool = true;

    fn prepare(&mut self) {
        self.0.work.clone_from(&self.0.input);
    }

    fn digest(&self) -> u64 {
        digest(self.0.work.iter().copied())
    }

    fn expected(&self) -> u64 {
        self.0.digest
    }
}

impl LoopKernel for Each {
    fn run<L: Loops>(&mut self, cx: Cx<'_, '_, L>) -> u64 {
        L::each(cx, &mut self.0.work, |x| *x = changed(*x));
        0
    }
}

struct Map(Numbers);

impl Work for Map {
    const PREPARES: bool = true;

    /// Frees the vector of the run before, outside the measured time.
    fn prepare(&mut self) {
        self.0.work = Vec::new();
    }

    fn digest(&self) -> u64 {
        digest(self.0.work.iter().copied())
    }

    fn expected(&self) -> u64 {
        self.0.digest
    }
}

impl LoopKernel for Map {
    fn run<L: Loops>(&mut self, cx: Cx<'_, '_, L>) -> u64 {
        self.0.work = L::map(cx, &self.0.input, changed);
        0
    }
}

struct Sum(Numbers);

impl Work for Sum {
    fn expected(&self) -> u64 {
        let sum: i64 = self.0.input.iter().map(|&x| x as i64).sum();
        sum as u64
    }
}

impl LoopKernel for Sum {
    fn run<L: Loops>(&mut self, cx: Cx<'_, '_, L>) -> u64 {
        L::sum(cx, &self.0.input) as i64 as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_in_any_order() {
        let sum = Sum(Numbers::new(1_000_000));
        let numbers = &sum.0.input;
        assert!(numbers.iter().all(|x| x.fract() == 0.0));
        let forth: f32 = numbers.iter().sum();
        let back: f32 = numbers.iter().rev().sum();
        assert_eq!(forth, back);
        assert_eq!(forth as i64 as u64, sum.expected());
    }
}
