//! Many small tasks, each of them spawned by itself.

use crate::contest::{Contest, Entries, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Bevy, Plain, Pools, Rayon, ZeroPool, Zp};
use crate::random::scatter;
use std::cell::Cell;
use std::hint::black_box;

/// The price of spawning, running and counting.
pub(super) const EMPTY: Row = Row {
    name: "scope-1000",
    shows: "1 000 empty tasks, spawned singly in a scope inside the pool",
    size: 1000,
    tiny: 20,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, n| empty(pools, Place::Inside, n),
};

/// As inside, with the way into the pool and back out each time.
pub(super) const EMPTY_OUTSIDE: Row = Row {
    name: "scope-1000-outside",
    shows: "1 000 empty tasks, spawned singly in a scope by a thread outside the pool",
    make: |pools, n| empty(pools, Place::Outside, n),
    ..EMPTY
};

/// The fourth benchmark of the zero-pool crate, with three sizes.
pub(super) const INDIVIDUAL_16: Row = Row {
    name: "individual-16",
    shows: "16 small tasks with results, spawned singly, then waited for one by one, from outside the pool",
    size: 16,
    tiny: 4,
    make: individual,
    ..EMPTY
};

/// As above.
pub(super) const INDIVIDUAL_100: Row = Row {
    name: "individual-100",
    shows: "100 small tasks with results, spawned singly, then waited for one by one, from outside the pool",
    size: 100,
    ..INDIVIDUAL_16
};

/// As above.
pub(super) const INDIVIDUAL_1000: Row = Row {
    name: "individual-1000",
    shows: "1 000 small tasks with results, spawned singly, then waited for one by one, from outside the pool",
    size: 1000,
    ..INDIVIDUAL_16
};

/// Tasks that do nothing.
struct Empty {
    /// zero-pool wants parameters that are not of size zero and lie somewhere.
    numbers: Vec<usize>,
}

impl Work for Empty {
    fn expected(&self) -> u64 {
        self.numbers.len() as u64
    }
}

/// The task.
fn nothing(i: usize) {
    black_box(i);
}

fn empty(pools: &Pools, place: Place, n: usize) -> Contest<'_> {
    let numbers = (0..n).collect();
    Entries::new(pools, place, Empty { numbers })
        .library::<Plain>(|(), work| {
            work.numbers.iter().for_each(|&i| nothing(i));
            work.expected()
        })
        .library::<Zp>(|(), work| {
            zp::scope(|s| {
                for &i in &work.numbers {
                    s.spawn(move || nothing(i));
                }
            });
            work.expected()
        })
        .library::<Rayon>(|(), work| {
            rayon::scope(|s| {
                for &i in &work.numbers {
                    s.spawn(move |_| nothing(i));
                }
            });
            work.expected()
        })
        .library::<ZeroPool>(|pools, work| {
            pools.zero_pool().scope(|s| {
                for task in work.numbers.chunks(1) {
                    s.run(|i| nothing(*i), task);
                }
            });
            work.expected()
        })
        .library::<Bevy>(|pool, work| {
            pool.scope(|s| {
                for &i in &work.numbers {
                    s.spawn(async move { nothing(i) });
                }
            });
            work.expected()
        })
        .close()
}

/// Tasks with a result each.
struct Individual {
    results: Vec<u64>,
    expected: u64,
}

impl Individual {
    fn new(n: usize) -> Self {
        Self {
            results: vec![0; n],
            expected: (0..n as u64).map(result).fold(0, u64::wrapping_add),
        }
    }

    fn numbered(&mut self) -> impl Iterator<Item = (u64, &mut u64)> {
        (0..).zip(&mut self.results)
    }

    fn len(&self) -> u64 {
        self.results.len() as u64
    }
}

/// The task.
fn result(i: u64) -> u64 {
    scatter(black_box(i))
}

impl Work for Individual {
    const PREPARES: bool = true;

    fn prepare(&mut self) {
        self.results.fill(0);
    }

    fn digest(&self) -> u64 {
        self.results.iter().copied().fold(0, u64::wrapping_add)
    }

    fn expected(&self) -> u64 {
        self.expected
    }
}

fn individual(pools: &Pools, n: usize) -> Contest<'_> {
    let entries = Entries::new(pools, Place::Outside, Individual::new(n))
        .library::<Plain>(|(), work| {
            work.numbered().for_each(|(i, place)| *place = result(i));
            0
        })
        .library_called::<Zp>("zeropool, scope and handles", |(), work| {
            zp::scope(|s| {
                let handles: Vec<_> = (0..work.len())
                    .map(|i| s.spawn(move || result(i)))
                    .collect();
                for (place, handle) in work.results.iter_mut().zip(handles) {
                    *place = handle.join();
                }
            });
            0
        })
        .us("zeropool, owned", |pools, work| {
            let pool = pools.zp();
            let handles: Vec<_> = (0..work.len())
                .map(|i| pool.spawn(move || result(i)))
                .collect();
            for (place, handle) in work.results.iter_mut().zip(handles) {
                *place = handle.wait().unwrap_or(0);
            }
            0
        })
        .library_called::<Rayon>("rayon, scope (waits for all)", |(), work| {
            rayon::scope(|s| {
                for (i, place) in work.numbered() {
                    s.spawn(move |_| *place = result(i));
                }
            });
            0
        })
        .library_called::<ZeroPool>("zero-pool, scope (waits for all)", |pools, work| {
            let places = Cell::from_mut(work.results.as_mut_slice()).as_slice_of_cells();
            let tasks: Vec<_> = (0..).zip(places).collect();
            pools.zero_pool().scope(|s| {
                for task in tasks.chunks(1) {
                    s.run(|(i, place): &(u64, &Cell<u64>)| place.set(result(*i)), task);
                }
            });
            0
        });
    if pools.workers() == 1 {
        // All its threads but the caller are none, and the caller sleeps.
        return entries.close();
    }
    entries
        .peer("bevy_tasks, spawn and block_on", |pools, work| {
            let pool = pools.bevy();
            let tasks: Vec<_> = (0..work.len())
                .map(|i| pool.spawn(async move { result(i) }))
                .collect();
            for (place, task) in work.results.iter_mut().zip(tasks) {
                *place = bevy_tasks::block_on(task);
            }
            0
        })
        .close()
}
