//! Many buffers held at a time, then all dropped.

use super::lent::{Lent, fill, touch_first};
use super::source::{Job, Plan, Source, check, timed};
use super::sources::{that_do_not_zero, that_zero};
use crate::contest::{Batch, Contest, Done, Entries, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Pools, Role};

/// Pools get so many seats more than are in use, as the benchmarks of zeropool 0.7 have it.
const SPARE: usize = 8;

/// A thread's cache may hold them.
pub(super) const ZEROED_10: Row = Row {
    name: "burst-10",
    shows: "10 buffers of 64 KiB of zeroes: get each and write its first byte, then drop all",
    size: 64 << 10,
    tiny: 100,
    needs: Needs::Nothing,
    kind: Kind::Baseline,
    make: |pools, len| burst::<true>(pools, 10, len),
};

/// A thread's cache does not hold them.
pub(super) const ZEROED_100: Row = Row {
    name: "burst-100",
    shows: "100 buffers of 64 KiB of zeroes: get each and write its first byte, then drop all",
    make: |pools, len| burst::<true>(pools, 100, len),
    ..ZEROED_10
};

/// 64 MB.
pub(super) const ZEROED_1000: Row = Row {
    name: "burst-1000",
    shows: "1 000 buffers of 64 KiB of zeroes: get each and write its first byte, then drop all",
    make: |pools, len| burst::<true>(pools, 1000, len),
    ..ZEROED_10
};

/// The same without the memsets.
pub(super) const DIRTY_10: Row = Row {
    name: "burst-10-dirty",
    shows: "10 buffers of 64 KiB that nobody has to zero: get each and write its first byte, then drop all",
    make: |pools, len| burst::<false>(pools, 10, len),
    ..ZEROED_10
};

/// The same without the memsets.
pub(super) const DIRTY_100: Row = Row {
    name: "burst-100-dirty",
    shows: "100 buffers of 64 KiB that nobody has to zero: get each and write its first byte, then drop all",
    make: |pools, len| burst::<false>(pools, 100, len),
    ..ZEROED_10
};

/// The same without the memsets.
pub(super) const DIRTY_1000: Row = Row {
    name: "burst-1000-dirty",
    shows: "1 000 buffers of 64 KiB that nobody has to zero: get each and write its first byte, then drop all",
    make: |pools, len| burst::<false>(pools, 1000, len),
    ..ZEROED_10
};

struct Burst {
    plan: Plan,
    held: usize,
}

impl Work for Burst {
    fn expected(&self) -> u64 {
        (self.held * self.plan.len) as u64
    }
}

impl<S: Source> Job<S> for Burst {
    type State = S;

    fn state(&self) -> S {
        S::new(self.plan)
    }

    fn check(&self, source: &S) {
        check(source, self.plan);
    }

    fn run(&self, source: &S, batch: Batch) -> Done {
        let mut held = Vec::with_capacity(self.held);
        timed(self.expected(), batch, || {
            let mut sum = 0;
            for _ in 0..self.held {
                let mut lent = source.get();
                touch_first(&mut lent);
                sum += lent.len() as u64;
                held.push(lent);
            }
            held.clear();
            sum
        })
    }
}

fn burst<const ZEROED: bool>(pools: &Pools, held: usize, len: usize) -> Contest<'_> {
    let baseline = if ZEROED {
        "baseline: kept, wiped after use"
    } else {
        "baseline: kept"
    };
    let plan = Plan {
        len,
        buffers: held + SPARE,
    };
    let entries = Entries::new(pools, Place::Outside, Burst { plan, held }).measured(
        baseline,
        Role::Sequential,
        |_, burst, batch| {
            let mut buffers = vec![vec![0; burst.plan.len]; burst.held];
            timed(burst.expected(), batch, || {
                let mut sum = 0;
                for buffer in &mut buffers {
                    touch_first(buffer);
                    sum += buffer.len() as u64;
                }
                if ZEROED {
                    for buffer in &mut buffers {
                        fill(buffer, 0);
                    }
                }
                sum
            })
        },
    );
    if ZEROED {
        that_zero!(entries; ShardedSlab<true>, Lifeguard<true>).close()
    } else {
        that_do_not_zero!(entries; Ours, ShardedSlab<false>, Lifeguard<false>).close()
    }
}
