//! Items of batches, and operators of reductions.

use crate::probe::{Load, Probe, caught};
use crate::support::on_worker;
use crate::table::{Executor, Place};
use std::sync::Arc;

/// The item under test, or the one beside it.
struct Item {
    is_subject: bool,
    argument: Load,
}

fn run(probe: &Probe, item: Item) -> Load {
    if probe.cell.executor == Executor::Stolen {
        probe.meet(2);
    }
    if item.is_subject {
        return probe.body(item.argument);
    }
    drop(item.argument);
    probe.beside()
}

pub(crate) fn item(probe: &Arc<Probe>, pool: &zp::Pool) {
    let p = Arc::clone(probe);
    if probe.cell.is_held_back() {
        return pool.install(|| stopped(probe));
    }
    on_worker(pool, move || {
        p.called_here();
        // Inline, only what comes after it can fail once its result is there.
        let subject =
            usize::from((p.cell.place, p.cell.executor) != (Place::Result, Executor::Inline));
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
        p.settle(caught(|| {
            zp::map(items, |item| run(&p, item)).grain(1).collect()
        }));
    });
}

/// A batch that is asked to stop while its item runs.
fn stopped(p: &Probe) {
    p.called_here();
    let items = vec![Item {
        is_subject: true,
        argument: p.argument(),
    }];
    p.settle(caught(|| {
        zp::scope(|s| {
            let batch = s.spawn_batch(zp::map(items, |item| run(p, item)));
            p.begun.wait();
            assert!(!batch.cancel());
            p.release();
            match batch.wait() {
                Ok(()) => unreachable!("it panics"),
                Err(error) => p.collect(error.into_panic().unwrap()),
            }
        });
    }));
}

/// The operator is that of items 0 and 1 of two, or of 2 and 3 of four.
pub(crate) fn operator(probe: &Arc<Probe>, pool: &zp::Pool) {
    let p = Arc::clone(probe);
    on_worker(pool, move || {
        p.called_here();
        let (stolen, skipped) = (p.cell.executor == Executor::Stolen, p.cell.is_skipped());
        let n = if stolen { 4 } else { 2 };
        let item = |at: usize| {
            if stolen && at.is_multiple_of(2) {
                p.meet(2);
            }
            if skipped && at == 1 {
                p.rival();
            }
            // The right operand; or the left one, if there is no right one.
            let is_subject = at == if skipped { 0 } else { n - 1 };
            let mut load = if is_subject { p.argument() } else { p.plain() };
            load.tag = at + 1;
            load
        };
        let combine = |a: Load, b: Load| {
            if b.tag == n {
                let _left = a;
                return p.body(b);
            }
            // The left half.
            if p.cell.has_rival() && b.tag == 2 {
                p.begun.wait();
                drop((a, b));
                return p.beside();
            }
            drop((a, b));
            p.plain()
        };
        let identity = p.plain();
        p.settle(caught(|| zp::times(n, item).reduce(identity, combine)));
    });
}
