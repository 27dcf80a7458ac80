//! Many threads with one pool, each with a buffer at a time.

use super::crew::Crew;
use super::lent::{Lent, fill, touch_pages};
use super::source::{Job, Plan, Source, check};
use super::sources::{that_do_not_zero, that_zero};
use crate::contest::{Batch, Contest, Done, Entries, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Pools, Role};
use std::cell::OnceCell;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;

/// Every buffer.
const LEN: usize = 64 << 10;

/// Pools get so many seats for each thread, as in the benchmarks of zeropool 0.7.
const SEATS: usize = 4;

/// As many threads as a small machine has cores.
pub(super) const ZEROED_2: Row = Row {
    name: "threads-2",
    shows: "2 threads with one pool, 10 000 operations each at least: get 64 KiB of zeroes, write a byte in each page, drop; \
            time on one core: flat if nobody is in the way",
    size: 10_000,
    tiny: 10,
    needs: Needs::Nothing,
    kind: Kind::Baseline,
    make: |pools, each| many::<true>(pools, 2, each),
};

/// Four threads.
pub(super) const ZEROED_4: Row = Row {
    name: "threads-4",
    shows: "4 threads with one pool: get 64 KiB of zeroes, write a byte in each page, drop; time on one core",
    make: |pools, each| many::<true>(pools, 4, each),
    ..ZEROED_2
};

/// Eight threads.
pub(super) const ZEROED_8: Row = Row {
    name: "threads-8",
    shows: "8 threads with one pool: get 64 KiB of zeroes, write a byte in each page, drop; time on one core",
    make: |pools, each| many::<true>(pools, 8, each),
    ..ZEROED_2
};

/// Sixteen threads.
pub(super) const ZEROED_16: Row = Row {
    name: "threads-16",
    shows: "16 threads with one pool: get 64 KiB of zeroes, write a byte in each page, drop; time on one core",
    make: |pools, each| many::<true>(pools, 16, each),
    ..ZEROED_2
};

/// Two threads, and no memsets.
pub(super) const DIRTY_2: Row = Row {
    name: "threads-2-dirty",
    shows: "2 threads with one pool: get 64 KiB that nobody has to zero, write a byte in each page, drop; time on one core",
    make: |pools, each| many::<false>(pools, 2, each),
    ..ZEROED_2
};

/// Four threads, and no memsets.
pub(super) const DIRTY_4: Row = Row {
    name: "threads-4-dirty",
    shows: "4 threads with one pool: get 64 KiB that nobody has to zero, write a byte in each page, drop; time on one core",
    make: |pools, each| many::<false>(pools, 4, each),
    ..ZEROED_2
};

/// Eight threads, and no memsets.
pub(super) const DIRTY_8: Row = Row {
    name: "threads-8-dirty",
    shows: "8 threads with one pool: get 64 KiB that nobody has to zero, write a byte in each page, drop; time on one core",
    make: |pools, each| many::<false>(pools, 8, each),
    ..ZEROED_2
};

/// Sixteen threads, and no memsets.
pub(super) const DIRTY_16: Row = Row {
    name: "threads-16-dirty",
    shows: "16 threads with one pool: get 64 KiB that nobody has to zero, write a byte in each page, drop; time on one core",
    make: |pools, each| many::<false>(pools, 16, each),
    ..ZEROED_2
};

struct Many {
    threads: usize,
    /// Each thread does at least so many operations in a row.
    each: u64,
}

impl Work for Many {
    /// How many operations go wrong.
    fn expected(&self) -> u64 {
        0
    }
}

impl Many {
    fn plan(&self) -> Plan {
        Plan {
            len: LEN,
            buffers: self.threads * SEATS,
        }
    }

    /// The time per operation is that on one core: the same for any number of threads, if they do not get in each other's way.
    fn run_crew(&self, crew: &Crew, batch: Batch) -> Done {
        let share = batch.timed.div_ceil(self.threads as u64);
        let each = Batch {
            warm: batch.warm.div_ceil(self.threads as u64),
            timed: share.max(self.each),
        };
        let (time, got) = crew.run(each);
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let busy = self.threads.min(cores) as f64;
        let operations = (each.timed * self.threads as u64) as f64;
        Done {
            time: time.mul_f64(busy * batch.timed as f64 / operations),
            got,
        }
    }
}

impl<S: Source + Send + Sync> Job<S> for Many {
    type State = (Arc<S>, Crew);

    fn state(&self) -> Self::State {
        let source = Arc::new(S::new(self.plan()));
        let crew = Crew::new(self.threads, {
            let source = Arc::clone(&source);
            move |_, operations| {
                let mut wrong = 0;
                for _ in 0..operations {
                    let mut lent = source.get();
                    touch_pages(&mut lent);
                    wrong += u64::from(lent.len() != LEN);
                }
                wrong
            }
        });
        // The threads come first; mempool is fastest for the first thread of all.
        crew.run(Batch { warm: 0, timed: 1 });
        (source, crew)
    }

    fn check(&self, (source, _): &Self::State) {
        check(&**source, self.plan());
    }

    fn run(&self, (_, crew): &Self::State, batch: Batch) -> Done {
        self.run_crew(crew, batch)
    }
}

fn many<const ZEROED: bool>(pools: &Pools, threads: usize, each: usize) -> Contest<'_> {
    let baseline = if ZEROED {
        "baseline: each keeps one, wiped after use"
    } else {
        "baseline: each keeps one"
    };
    let work = Many {
        threads,
        each: each as u64,
    };
    let crew = OnceCell::new();
    let entries = Entries::new(pools, Place::Outside, work).measured(
        baseline,
        Role::Sequential,
        move |_, many, batch| {
            let crew = crew.get_or_init(|| {
                let own: Vec<_> = (0..many.threads)
                    .map(|_| Mutex::new(vec![0; LEN]))
                    .collect();
                Crew::new(many.threads, move |index, operations| {
                    let Ok(mut buffer) = own[index].lock() else {
                        return operations;
                    };
                    let mut wrong = 0;
                    for _ in 0..operations {
                        touch_pages(&mut *buffer);
                        if ZEROED {
                            fill(&mut *buffer, 0);
                        }
                        wrong += u64::from(buffer.len() != LEN);
                    }
                    wrong
                })
            });
            many.run_crew(crew, batch)
        },
    );
    if ZEROED {
        that_zero!(entries; ShardedSlab<true>, Mempool<true>).close()
    } else {
        that_do_not_zero!(entries; Ours, ShardedSlab<false>, Mempool<false>).close()
    }
}
