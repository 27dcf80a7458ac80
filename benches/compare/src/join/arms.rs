//! Coarse joins: two arms of plain work of a known length.

use crate::contest::{Contest, Entries, Kernel, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Bevy, Cx, Join, Pools, StdScope};
use crate::spin::{rounds, spin};
use std::hint::black_box;

/// Less than it takes to wake a thread: sharing gains something only if somebody is awake.
pub(super) const INSIDE_5: Row = Row {
    name: "arms-5us",
    shows: "two arms of 5 µs inside the pool: shorter than a wake-up",
    size: 5_000,
    tiny: 200,
    needs: Needs::Several,
    kind: Kind::Hot,
    make: |pools, ns| two_arms(pools, Place::Inside, ns),
};

/// A few wake-ups long: the ideal is half of the sequential time, and a lazy scheduler misses it.
pub(super) const INSIDE_50: Row = Row {
    name: "arms-50us",
    shows: "two arms of 50 µs inside the pool: is coarse work shared at once",
    size: 50_000,
    ..INSIDE_5
};

/// Long enough for everybody.
pub(super) const INSIDE_500: Row = Row {
    name: "arms-500us",
    shows: "two arms of 500 µs inside the pool: long enough for everybody",
    size: 500_000,
    ..INSIDE_5
};

/// As inside, with the way into the pool and back out each time.
pub(super) const OUTSIDE_5: Row = Row {
    name: "arms-5us-outside",
    shows: "two arms of 5 µs from a thread outside the pool: the way in and out besides",
    size: 5_000,
    make: |pools, ns| two_arms(pools, Place::Outside, ns),
    ..INSIDE_5
};

/// As inside, with the way into the pool and back out each time.
pub(super) const OUTSIDE_50: Row = Row {
    name: "arms-50us-outside",
    shows: "two arms of 50 µs from a thread outside the pool",
    size: 50_000,
    ..OUTSIDE_5
};

/// As inside, with the way into the pool and back out each time.
pub(super) const OUTSIDE_500: Row = Row {
    name: "arms-500us-outside",
    shows: "two arms of 500 µs from a thread outside the pool",
    size: 500_000,
    ..OUTSIDE_5
};

/// A scheduler that shares only at the next join or heartbeat shares nothing while the first arm runs.
pub(super) const PLAIN_FIRST: Row = Row {
    name: "plain-first",
    shows: "first arm 500 µs of plain work, second arm joins worth 500 µs: is an arm shared while no join comes by",
    size: 500_000,
    tiny: 1_000,
    needs: Needs::Several,
    kind: Kind::Hot,
    make: |pools, ns| {
        Entries::new(pools, Place::Inside, Plain::<true>::new(ns))
            .all_that_join()
            .close()
    },
};

/// The mirror image, which is the hard one for libraries that run the second arm first.
pub(super) const PLAIN_SECOND: Row = Row {
    name: "plain-second",
    shows: "first arm joins worth 500 µs, second arm 500 µs of plain work: the mirror image",
    make: |pools, ns| {
        Entries::new(pools, Place::Inside, Plain::<false>::new(ns))
            .all_that_join()
            .close()
    },
    ..PLAIN_FIRST
};

/// How soon the second arm gets a thread when all of them sleep.
pub(super) const COLD: Row = Row {
    name: "cold-arms",
    shows: "two arms of 50 µs from outside after idleness: how soon does a sleeper help",
    size: 50_000,
    kind: Kind::Cold,
    ..OUTSIDE_5
};

fn two_arms(pools: &Pools, place: Place, ns: usize) -> Contest<'_> {
    Entries::new(pools, place, TwoArms::new(ns))
        .all_that_join()
        .join::<Bevy>()
        .join::<StdScope>()
        .close()
}

struct TwoArms {
    rounds: u64,
    expected: u64,
}

impl TwoArms {
    fn new(ns: usize) -> Self {
        let rounds = rounds(ns);
        Self {
            rounds,
            expected: spin(1, rounds).wrapping_add(spin(2, rounds)),
        }
    }
}

impl Work for TwoArms {
    fn expected(&self) -> u64 {
        self.expected
    }

    fn joins(&self) -> Option<u64> {
        Some(1)
    }
}

impl Kernel for TwoArms {
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64 {
        let rounds = self.rounds;
        let (a, b) = J::join(
            cx,
            |_| spin(black_box(1), rounds),
            |_| spin(black_box(2), rounds),
        );
        a.wrapping_add(b)
    }
}

/// One arm without any join, and one that is a balanced tree of joins around short pieces of the same kind of work.
struct Plain<const FIRST: bool> {
    rounds: u64,
    expected: u64,
}

impl<const FIRST: bool> Plain<FIRST> {
    const PIECES: u64 = 512;

    fn new(ns: usize) -> Self {
        // A whole number of rounds in each piece, so that both arms are equally long.
        let rounds = rounds(ns).next_multiple_of(Self::PIECES);
        let piece = rounds / Self::PIECES;
        let expected = (0..Self::PIECES)
            .map(|seed| spin(seed, piece))
            .fold(spin(Self::PIECES, rounds), u64::wrapping_add);
        Self { rounds, expected }
    }
}

fn pieces<J: Join>(cx: Cx<'_, '_, J>, from: u64, to: u64, rounds: u64) -> u64 {
    if to - from == 1 {
        return spin(black_box(from), rounds);
    }
    let middle = from.midpoint(to);
    let (a, b) = J::join(
        cx,
        |cx| pieces::<J>(cx, from, middle, rounds),
        |cx| pieces::<J>(cx, middle, to, rounds),
    );
    a.wrapping_add(b)
}

impl<const FIRST: bool> Work for Plain<FIRST> {
    fn expected(&self) -> u64 {
        self.expected
    }

    fn joins(&self) -> Option<u64> {
        Some(Self::PIECES)
    }
}

impl<const FIRST: bool> Kernel for Plain<FIRST> {
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64 {
        let (all, rounds) = (Self::PIECES, self.rounds);
        let (a, b) = if FIRST {
            J::join(
                cx,
                |_| spin(black_box(all), rounds),
                |cx| pieces::<J>(cx, 0, all, rounds / all),
            )
        } else {
            J::join(
                cx,
                |cx| pieces::<J>(cx, 0, all, rounds / all),
                |_| spin(black_box(all), rounds),
            )
        };
        a.wrapping_add(b)
    }
}
