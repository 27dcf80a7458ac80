//! The cells of rayon. Its spawned tasks have no handles and no results, and nothing can be cancelled.

use crate::probe::{Load, Probe, caught};
use crate::table::{Construct, Executor, Place};
use rayon::prelude::*;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Runs the cell, if rayon has it.
pub(crate) fn run(p: &Arc<Probe>) -> bool {
    let (place, executor) = (p.cell.place, p.cell.executor);
    let construct: fn(&Probe) = match p.cell.construct {
        Construct::FirstArm => first_arm,
        Construct::SecondArm => second_arm,
        Construct::LastArm => last_arm,
        Construct::ScopeBody => scope_body,
        Construct::SpawnedTask if place != Place::Result && executor != Executor::Cancelled => {
            spawned
        }
        Construct::BatchItem if executor != Executor::Cancelled || place == Place::Argument => item,
        // It combines each item with an identity, so the operator runs if any item does.
        Construct::Operator if executor != Executor::Cancelled => operator,
        Construct::HandleDrop if place != Place::Result && executor == Executor::Stolen => {
            owned(p);
            return true;
        }
        _ => return false,
    };
    pool(p).install(|| construct(p));
    true
}

fn pool(p: &Arc<Probe>) -> rayon::ThreadPool {
    let threads = match (p.cell.construct, p.cell.executor) {
        (_, Executor::Inline | Executor::Cancelled) => 1,
        (Construct::LastArm, Executor::Stolen) => 5,
        (_, Executor::Stolen) => 2,
    };
    let heard = Arc::clone(p);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .panic_handler(move |payload| heard.handle(payload))
        .build()
        .expect("a pool")
}

fn first_arm(p: &Probe) {
    let argument = p.argument();
    let subject = || {
        p.meet(2);
        p.body(argument)
    };
    let beside = || {
        p.meet(2);
        p.beside()
    };
    p.settle(caught(|| rayon::join(subject, beside)));
}

fn second_arm(p: &Probe) {
    let argument = p.argument();
    let subject = || {
        p.meet(2);
        p.body(argument)
    };
    let beside = || {
        p.meet(2);
        p.beside()
    };
    p.settle(caught(|| rayon::join(beside, subject)));
}

fn last_arm(p: &Probe) {
    let argument = p.argument();
    let subject = || {
        p.meet(5);
        p.body(argument)
    };
    let between = || {
        p.meet(5);
        p.plain()
    };
    let beside = || {
        p.meet(5);
        p.beside()
    };
    p.settle(caught(|| {
        rayon::join(beside, || {
            rayon::join(between, || {
                rayon::join(between, || rayon::join(between, subject))
            })
        })
    }));
}

fn scope_body(p: &Probe) {
    let argument = p.argument();
    p.settle(caught(|| {
        rayon::scope(|s| {
            s.spawn(|_| {
                p.meet(2);
                drop(p.beside());
            });
            p.meet(2);
            p.body(argument)
        })
    }));
}

fn spawned(p: &Probe) {
    let argument = p.argument();
    p.settle(caught(|| {
        rayon::scope(|s| {
            s.spawn(|_| drop(p.body(argument)));
            if p.cell.executor == Executor::Stolen {
                p.begun.wait();
            }
            p.release();
            if p.cell.has_rival() {
                p.rival();
            }
        });
    }));
}

/// The panic goes to the handler; there is no wait for it.
fn owned(p: &Arc<Probe>) {
    let pool = pool(p);
    let (task, argument) = (Arc::clone(p), p.argument());
    pool.spawn(move || drop(task.body(argument)));
    p.begun.wait();
    p.release();
    drop(pool);
    // The threads of a dropped pool end by themselves.
    let begun = Instant::now();
    while Arc::strong_count(p) > 1 && begun.elapsed() < Duration::from_secs(5) {
        thread::sleep(Duration::from_millis(1));
    }
}

struct Item {
    is_subject: bool,
    argument: Load,
}

fn item(p: &Probe) {
    let subject = usize::from((p.cell.place, p.cell.executor) != (Place::Result, Executor::Inline));
    let items: Vec<Item> = (0..2)
        .map(|at| Item {
            is_subject: at == subject,
            argument: if at == subject {
                p.argument()
            } else {
                p.plain()
            },
        })
        .collect();
    let run = |item: Item| {
        p.meet(2);
        if item.is_subject {
            return p.body(item.argument);
        }
        drop(item.argument);
        p.beside()
    };
    p.settle(caught(|| {
        let results: Vec<Load> = items.into_par_iter().with_max_len(1).map(run).collect();
        results
    }));
}

fn operator(p: &Probe) {
    let stolen = p.cell.executor == Executor::Stolen;
    let n: usize = if stolen { 4 } else { 2 };
    let item = |at: usize| {
        if stolen && at.is_multiple_of(2) {
            p.meet(2);
        }
        let mut load = if at == n - 1 { p.argument() } else { p.plain() };
        load.tag = at + 1;
        load
    };
    let combine = |a: Load, b: Load| {
        if b.tag == n {
            let _left = a;
            return p.body(b);
        }
        if p.cell.has_rival() && b.tag == 2 {
            p.begun.wait();
            drop((a, b));
            return p.beside();
        }
        // The subject's result may have become an operand, which then goes on.
        drop(a);
        b
    };
    p.settle(caught(|| {
        (0..n)
            .into_par_iter()
            .with_max_len(1)
            .map(item)
            .reduce(|| p.plain(), combine)
    }));
}
