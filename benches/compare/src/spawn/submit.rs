//! What the one who submits pays, whatever it takes to run the tasks.

use crate::contest::{Batch, Contest, Done, Entries, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Pools, Role};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// Nobody else submits.
pub(super) const ONE_PRODUCER: Row = Row {
    name: "submit-1",
    shows: "cost per owned task to who submits it, in bursts of 10 000; they are waited for outside the measured time",
    size: 10_000,
    tiny: 100,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, tasks| submit(pools, 1, tasks),
};

/// Two threads submit at the same time.
pub(super) const TWO_PRODUCERS: Row = Row {
    name: "submit-2",
    shows: "cost per owned task to who submits it, in bursts of 10 000 from two threads at a time",
    make: |pools, tasks| submit(pools, 2, tasks),
    ..ONE_PRODUCER
};

/// Four threads submit at the same time.
pub(super) const FOUR_PRODUCERS: Row = Row {
    name: "submit-4",
    shows: "cost per owned task to who submits it, in bursts of 10 000 from four threads at a time",
    make: |pools, tasks| submit(pools, 4, tasks),
    ..ONE_PRODUCER
};

/// How many tasks have run. On a cache line of its own.
#[repr(align(128))]
struct Count(AtomicU64);

impl Count {
    /// The task.
    fn task(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn reaches(&self, tasks: u64) {
        while self.0.load(Relaxed) < tasks {
            thread::sleep(Duration::from_micros(20));
        }
    }
}

struct Bursts {
    producers: usize,
    /// In a burst, from all producers.
    tasks: u64,
    /// Never freed: owned tasks may point to nothing else, and a counted reference for each would be part of what is measured.
    count: &'static Count,
}

impl Work for Bursts {
    fn expected(&self) -> u64 {
        self.tasks
    }
}

impl Bursts {
    fn new(producers: usize, tasks: usize) -> Self {
        Self {
            producers,
            tasks: tasks as u64 / producers as u64 * producers as u64,
            count: Box::leak(Box::new(Count(AtomicU64::new(0)))),
        }
    }

    /// Runs whole bursts, at least as many tasks as `batch` says. `submit` submits so many tasks and says how long that took.
    /// The time that is returned is the mean over all tasks, times the operations of the batch.
    fn run(&self, batch: Batch, submit: impl Fn(usize) -> Duration + Sync) -> Done {
        let (warm, timed) = (
            batch.warm.div_ceil(self.tasks),
            batch.timed.div_ceil(self.tasks),
        );
        let share = self.tasks as usize / self.producers;
        let before = self.count.0.load(Relaxed);
        let barrier = Barrier::new(self.producers);
        let producer = || {
            let mut time = Duration::ZERO;
            for burst in 0..warm + timed {
                barrier.wait();
                let took = submit(share);
                if burst >= warm {
                    time += took;
                }
                self.count.reaches(before + (burst + 1) * self.tasks);
            }
            time
        };
        let time: Duration = thread::scope(|s| {
            let threads: Vec<_> = (0..self.producers).map(|_| s.spawn(producer)).collect();
            let times = threads.into_iter().map(|thread| thread.join());
            times
                .map(|time| time.unwrap_or_else(|_| panic!("a producer panicked")))
                .sum()
        });
        let ran = self.count.0.load(Relaxed) - before;
        let right = ran == (warm + timed) * self.tasks;
        Done {
            time: time.mul_f64(batch.timed as f64 / (timed * self.tasks) as f64),
            got: if right { self.tasks } else { ran },
        }
    }
}

/// Calls `submit` so many times and says how long that took.
fn timed(tasks: usize, mut submit: impl FnMut()) -> Duration {
    let begin = Instant::now();
    for _ in 0..tasks {
        submit();
    }
    begin.elapsed()
}

fn submit(pools: &Pools, producers: usize, tasks: usize) -> Contest<'_> {
    let entries = Entries::new(pools, Place::Outside, Bursts::new(producers, tasks))
        .measured("sequential", Role::Sequential, |_, bursts, batch| {
            let count = bursts.count;
            bursts.run(batch, |tasks| timed(tasks, || count.task()))
        })
        .measured(
            "zeropool, handles dropped",
            Role::Us,
            |pools, bursts, batch| {
                let (pool, count) = (pools.zp(), bursts.count);
                bursts.run(batch, |tasks| {
                    timed(tasks, || drop(pool.spawn(|| count.task())))
                })
            },
        )
        .measured(
            "zeropool, handles kept",
            Role::Us,
            |pools, bursts, batch| {
                let (pool, count) = (pools.zp(), bursts.count);
                bursts.run(batch, |tasks| {
                    let mut handles = Vec::with_capacity(tasks);
                    let time = timed(tasks, || handles.push(pool.spawn(|| count.task())));
                    for handle in handles {
                        // A task that did not run is missing in the count.
                        let _ = handle.wait();
                    }
                    time
                })
            },
        )
        .measured("rayon, spawn", Role::Peer, |pools, bursts, batch| {
            let (pool, count) = (pools.rayon(), bursts.count);
            bursts.run(batch, |tasks| timed(tasks, || pool.spawn(|| count.task())))
        })
        .measured(
            "zero-pool, scope (borrows)",
            Role::Peer,
            |pools, bursts, batch| {
                let (pool, count) = (pools.zero_pool(), bursts.count);
                bursts.run(batch, |tasks| {
                    let tasks = vec![count; tasks];
                    pool.scope(|s| {
                        let mut tasks = tasks.chunks(1);
                        timed(tasks.len(), || {
                            if let Some(task) = tasks.next() {
                                s.run(|count: &&Count| count.task(), task);
                            }
                        })
                    })
                })
            },
        );
    if pools.workers() == 1 {
        // All its threads but the caller are none, and the caller runs nothing.
        return entries.close();
    }
    entries
        .measured(
            "bevy_tasks, detached",
            Role::Peer,
            |pools, bursts, batch| {
                let (pool, count) = (pools.bevy(), bursts.count);
                bursts.run(batch, |tasks| {
                    timed(tasks, || pool.spawn(async { count.task() }).detach())
                })
            },
        )
        .close()
}
