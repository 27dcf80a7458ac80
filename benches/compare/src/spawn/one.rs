//! One task there and back.

use crate::contest::{Contest, Entries, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Bevy, Plain, Pools, ZeroPool, Zp};
use std::cell::Cell;
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;

/// The shortest way from a thread outside to a result.
pub(super) const BORROWED: Row = Row {
    name: "there-and-back",
    shows: "one empty task that may borrow, from a thread outside the pool, with a result",
    size: 41,
    tiny: 41,
    needs: Needs::One,
    kind: Kind::Hot,
    make: borrowed,
};

/// The same for a task that outlives its caller.
pub(super) const OWNED: Row = Row {
    name: "owned-there-and-back",
    shows: "one empty owned task from a thread outside the pool: spawn it, wait for its result",
    make: owned,
    ..BORROWED
};

/// What the task is given; it returns one more.
struct One(u64);

impl Work for One {
    fn expected(&self) -> u64 {
        self.0 + 1
    }
}

/// The task.
fn next(x: u64) -> u64 {
    black_box(x) + 1
}

fn run_zero_pool(pools: &Pools, one: &mut One) -> u64 {
    let task = [(one.0, Cell::new(0))];
    let run = |(x, result): &(u64, Cell<u64>)| result.set(next(*x));
    pools.zero_pool().run(run, &task);
    task[0].1.get()
}

fn borrowed(pools: &Pools, x: usize) -> Contest<'_> {
    Entries::new(pools, Place::Outside, One(x as u64))
        .library::<Plain>(|(), one| next(one.0))
        .library_called::<Zp>("zeropool, spawn and join", |(), one| {
            zp::scope(|s| s.spawn(|| next(one.0)).join())
        })
        .library_called::<Zp>("zeropool, spawn_into", |(), one| {
            let mut result = 0;
            zp::scope(|s| {
                s.spawn_into(|| next(one.0), &mut result);
            });
            result
        })
        .peer("rayon, in_place_scope", |pools, one| {
            let mut result = 0;
            pools
                .rayon()
                .in_place_scope(|s| s.spawn(|_| result = next(one.0)));
            result
        })
        .peer("rayon, install", |pools, one| {
            pools.rayon().install(|| next(one.0))
        })
        .library::<ZeroPool>(run_zero_pool)
        .library_called::<Bevy>("bevy_tasks, scope", |pool, one| {
            let results = pool.scope(|s| s.spawn(async { next(one.0) }));
            results.into_iter().sum()
        })
        .peer("std::thread::scope", |_, one| {
            thread::scope(|s| {
                let thread = s.spawn(|| next(one.0));
                thread.join().unwrap_or(0)
            })
        })
        .close()
}

fn owned(pools: &Pools, x: usize) -> Contest<'_> {
    let entries = Entries::new(pools, Place::Outside, One(x as u64))
        .library::<Plain>(|(), one| next(one.0))
        .us("zeropool", |pools, one| {
            let x = one.0;
            pools.zp().spawn(move || next(x)).wait().unwrap_or(0)
        })
        .peer("rayon, spawn and channel", |pools, one| {
            let (x, (sender, receiver)) = (one.0, mpsc::channel());
            pools.rayon().spawn(move || {
                // The receiver is there until it has received.
                let _ = sender.send(next(x));
            });
            receiver.recv().unwrap_or(0)
        })
        .library_called::<ZeroPool>("zero-pool, run (borrows)", run_zero_pool)
        .peer("std::thread::spawn", |_, one| {
            let x = one.0;
            thread::spawn(move || next(x)).join().unwrap_or(0)
        });
    if pools.workers() == 1 {
        // All its threads but the caller are none, and the caller sleeps.
        return entries.close();
    }
    entries
        .peer("bevy_tasks, spawn and block_on", |pools, one| {
            let x = one.0;
            bevy_tasks::block_on(pools.bevy().spawn(async move { next(x) }))
        })
        .close()
}
