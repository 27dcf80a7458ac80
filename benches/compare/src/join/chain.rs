//! Joins as lopsided as can be: one arm is nearly nothing, the other is all the rest.

use crate::contest::{Entries, Kernel, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Cx, Join};
use crate::random::scatter;
use std::hint::black_box;

/// The rest is always on offer: a thief takes all there is, and its victim is left with nothing, 10 000 times over.
pub(super) const TINY_FIRST: Row = Row {
    name: "chain-tiny-first",
    shows: "10 000 joins, each of a tiny first arm and all the rest: work that changes hands but never splits",
    size: 10_000,
    tiny: 100,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, size| {
        Entries::new(pools, Place::Inside, Chain::<true>(size as u64))
            .all_that_join()
            .close()
    },
};

/// Up to 10 000 tiny arms are on offer at a time: deep stacks, long queues, thefts that are not worth it.
pub(super) const TINY_SECOND: Row = Row {
    name: "chain-tiny-second",
    shows: "10 000 joins, each of all the rest and a tiny second arm: deep stacks and thefts not worth it",
    size: 10_000,
    tiny: 100,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, size| {
        Entries::new(pools, Place::Inside, Chain::<false>(size as u64))
            .all_that_join()
            .close()
    },
};

struct Chain<const TINY_FIRST: bool>(u64);

fn tiny(n: u64) -> u64 {
    scatter(black_box(n))
}

fn chain<J: Join, const TINY_FIRST: bool>(cx: Cx<'_, '_, J>, n: u64) -> u64 {
    if n == 0 {
        return 0;
    }
    let (a, b) = if TINY_FIRST {
        J::join(cx, |_| tiny(n), |cx| chain::<J, TINY_FIRST>(cx, n - 1))
    } else {
        J::join(cx, |cx| chain::<J, TINY_FIRST>(cx, n - 1), |_| tiny(n))
    };
    a.wrapping_add(b)
}

impl<const TINY_FIRST: bool> Work for Chain<TINY_FIRST> {
    fn expected(&self) -> u64 {
        (1..=self.0).map(scatter).fold(0, u64::wrapping_add)
    }

    fn joins(&self) -> Option<u64> {
        Some(self.0)
    }
}

impl<const TINY_FIRST: bool> Kernel for Chain<TINY_FIRST> {
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64 {
        chain::<J, TINY_FIRST>(cx, self.0)
    }
}
