//! Buffers of many lengths, one at a time, in an order that does not change.

use super::lent::{Lent, fill, touch_first};
use super::source::{BUFFERS, Job, Plan, Source, check, timed};
use super::sources::{that_do_not_zero, that_zero};
use crate::contest::{Batch, Contest, Done, Entries, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Pools, Role};
use crate::random::scatter;

/// Most are small.
pub(super) const ZIPF: Row = Row {
    name: "zipf",
    shows: "100 buffers of zeroes one after the other (50 of 1 KiB, 25 of 4, 15 of 16, 7 of 64, 3 of 256 KiB, shuffled): \
            get, write the first byte, drop",
    size: 1 << 10,
    tiny: 16,
    needs: Needs::Nothing,
    kind: Kind::Baseline,
    make: |pools, unit| contest::<true>(pools, Mixed::zipf(unit)),
};

/// The same without the memsets.
pub(super) const ZIPF_DIRTY: Row = Row {
    name: "zipf-dirty",
    shows: "the same 100 buffers, and nobody has to zero",
    make: |pools, unit| contest::<false>(pools, Mixed::zipf(unit)),
    ..ZIPF
};

/// As many large ones as small ones.
pub(super) const UNIFORM: Row = Row {
    name: "uniform",
    shows: "7 buffers of zeroes one after the other (1, 4, 16, 64, 256 KiB, 1 and 4 MiB): get, write the first byte, drop",
    make: |pools, unit| contest::<true>(pools, Mixed::uniform(unit)),
    ..ZIPF
};

/// The same without the memsets.
pub(super) const UNIFORM_DIRTY: Row = Row {
    name: "uniform-dirty",
    shows: "the same 7 buffers, and nobody has to zero",
    make: |pools, unit| contest::<false>(pools, Mixed::uniform(unit)),
    ..ZIPF
};

struct Mixed {
    plans: Vec<Plan>,
    /// Indices of plans.
    order: Vec<usize>,
}

impl Mixed {
    /// Each length, and how often it occurs: those of the benchmarks of zeropool 0.7, in another order.
    fn zipf(unit: usize) -> Self {
        let mut mixed = Self::of(unit, &[50, 25, 15, 7, 3]);
        mixed.order.sort_by_cached_key({
            let mut at = 0;
            move |_| {
                at += 1;
                scatter(at)
            }
        });
        mixed
    }

    fn uniform(unit: usize) -> Self {
        Self::of(unit, &[1; 7])
    }

    /// Lengths from `unit`, each four times the one before, and how often each occurs.
    fn of(unit: usize, counts: &[usize]) -> Self {
        let plan = |at| Plan {
            len: unit << (2 * at),
            buffers: BUFFERS,
        };
        let kinds = counts.iter().enumerate();
        Self {
            plans: (0..counts.len()).map(plan).collect(),
            order: kinds.flat_map(|(at, &count)| vec![at; count]).collect(),
        }
    }
}

impl Work for Mixed {
    fn expected(&self) -> u64 {
        let lens = self.order.iter().map(|&at| self.plans[at].len as u64);
        lens.sum()
    }
}

impl<S: Source> Job<S> for Mixed {
    type State = Vec<S>;

    fn state(&self) -> Vec<S> {
        S::family(&self.plans)
    }

    fn check(&self, sources: &Vec<S>) {
        for (source, &plan) in sources.iter().zip(&self.plans) {
            check(source, plan);
        }
    }

    fn run(&self, sources: &Vec<S>, batch: Batch) -> Done {
        timed(self.expected(), batch, || {
            let mut sum = 0;
            for &at in &self.order {
                let mut lent = sources[at].get();
                touch_first(&mut lent);
                sum += lent.len() as u64;
            }
            sum
        })
    }
}

fn contest<const ZEROED: bool>(pools: &Pools, mixed: Mixed) -> Contest<'_> {
    let baseline = if ZEROED {
        "baseline: kept, wiped after use"
    } else {
        "baseline: kept"
    };
    let entries = Entries::new(pools, Place::Outside, mixed).measured(
        baseline,
        Role::Sequential,
        |_, mixed, batch| {
            let buffers = mixed.plans.iter().map(|plan| vec![0; plan.len]);
            let mut buffers: Vec<Vec<u8>> = buffers.collect();
            timed(mixed.expected(), batch, || {
                let mut sum = 0;
                for &at in &mixed.order {
                    let buffer = &mut buffers[at];
                    touch_first(buffer);
                    if ZEROED {
                        fill(buffer, 0);
                    }
                    sum += buffer.len() as u64;
                }
                sum
            })
        },
    );
    if ZEROED {
        that_zero!(entries; ShardedSlab<true>, Mempool<true>, Lifeguard<true>).close()
    } else {
        that_do_not_zero!(entries; Ours, ShardedSlab<false>, Mempool<false>, Lifeguard<false>)
            .close()
    }
}
