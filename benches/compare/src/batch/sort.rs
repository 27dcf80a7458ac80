//! Sorting ten million numbers with what a library has for it.

use crate::contest::{Contest, Entries, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Plain, Pools, Rayon, Zp};
use crate::random::scatter;

/// In place.
pub(super) const UNSTABLE: Row = Row {
    name: "sort-unstable-10m",
    shows: "10 000 000 u64 in no order, sorted in place, equal ones in any order",
    size: 10_000_000,
    tiny: 5_000,
    needs: Needs::One,
    kind: Kind::Hot,
    make: unstable,
};

/// With a buffer, which the library allocates.
pub(super) const STABLE: Row = Row {
    name: "sort-stable-10m",
    shows: "10 000 000 u64 in no order, sorted stably",
    make: stable,
    ..UNSTABLE
};

struct Sort {
    input: Vec<u64>,
    work: Vec<u64>,
    expected: u64,
}

impl Sort {
    fn new(n: usize) -> Self {
        let input: Vec<u64> = (0..n as u64).map(scatter).collect();
        Self {
            work: input.clone(),
            expected: sum_of_scattered(&input),
            input,
        }
    }
}

/// The same for every order of the same numbers, and hardly ever for others.
fn sum_of_scattered(numbers: &[u64]) -> u64 {
    let scattered = numbers.iter().copied().map(scatter);
    scattered.fold(0, u64::wrapping_add)
}

impl Work for Sort {
    const PREPARES: bool = true;

    fn prepare(&mut self) {
        self.work.copy_from_slice(&self.input);
    }

    fn digest(&self) -> u64 {
        let sum = sum_of_scattered(&self.work);
        // Any other number than the expected one will do.
        if self.work.is_sorted() { sum } else { !sum }
    }

    fn expected(&self) -> u64 {
        self.expected
    }
}

fn unstable(pools: &Pools, n: usize) -> Contest<'_> {
    Entries::new(pools, Place::Inside, Sort::new(n))
        .library::<Plain>(|(), sort| {
            sort.work.sort_unstable();
            0
        })
        .library::<Zp>(|(), sort| {
            zp::sort_unstable(&mut sort.work);
            0
        })
        .library::<Rayon>(|(), sort| {
            use rayon::prelude::*;
            sort.work.par_sort_unstable();
            0
        })
        .close()
}

fn stable(pools: &Pools, n: usize) -> Contest<'_> {
    Entries::new(pools, Place::Inside, Sort::new(n))
        .library::<Plain>(|(), sort| {
            sort.work.sort();
            0
        })
        .library::<Zp>(|(), sort| {
            zp::sort(&mut sort.work);
            0
        })
        .library::<Rayon>(|(), sort| {
            use rayon::prelude::*;
            sort.work.par_sort();
            0
        })
        .close()
}
