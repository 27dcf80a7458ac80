//! Runs a cell on a pool of its own, and judges it.

use crate::probe::{Probe, Seen, What, lock};
use crate::support::on_worker;
use crate::table::{Cell, Construct, Executor, Fate, Place};
use crate::{batches, joins, tasks};
use std::sync::Arc;

/// How many threads it takes to have the cell run as the table says.
fn workers(cell: Cell) -> usize {
    match (cell.construct, cell.executor) {
        (Construct::LastArm, Executor::Stolen) => 5,
        (
            Construct::FirstArm | Construct::SecondArm | Construct::BatchItem | Construct::Operator,
            Executor::Stolen,
        ) => 2,
        // The caller is one thread; where it runs everything, it is the worker.
        _ => 1,
    }
}

const MODES: [zp::Scheduling; 3] = [
    zp::Scheduling::WorkStealing,
    zp::Scheduling::GlobalFifo,
    zp::Scheduling::Locked,
];

/// Runs a cell, in each mode by turns. In odd rounds the caller has made many small joins before, so that it makes no offers.
pub(crate) fn run(cell: Cell, round: usize) {
    let probe = Arc::new(Probe::new(cell));
    let heard = Arc::clone(&probe);
    let workers = workers(cell);
    let pool = zp::Pool::builder()
        .workers(workers)
        .scheduling(MODES[round / 2 % MODES.len()])
        .panic_handler(move |payload| heard.handle(payload))
        .build()
        .unwrap();
    if round % 2 == 1 && workers == 1 {
        on_worker(&pool, || {
            for _ in 0..100 {
                zp::join(|| 1, || 2);
            }
        });
    }
    let construct = match cell.construct {
        Construct::FirstArm => joins::first_arm,
        Construct::SecondArm => joins::second_arm,
        Construct::LastArm => joins::last_arm,
        Construct::ScopeBody => joins::scope_body,
        Construct::SpawnedTask => tasks::spawned,
        Construct::OwnedTask => tasks::owned,
        Construct::BatchItem => batches::item,
        Construct::Operator => batches::operator,
        Construct::PCall => tasks::pcall,
        Construct::HandleDrop => tasks::handle_drop,
    };
    construct(&probe, &pool);
    judge(cell, &probe, pool);
}

fn judge(cell: Cell, probe: &Probe, pool: zp::Pool) {
    pool.wait_idle();
    // Delivered once, and to nobody else.
    let at = What::At(cell.place);
    let mut expected = Seen::default();
    match cell.fate {
        Fate::Waiter => expected.waiter.push(at.clone()),
        Fate::Holder => expected.holder.push(at.clone()),
        Fate::Handler => expected.handler.push(at.clone()),
        Fate::Swallowed => expected.waiter.push(What::Rival),
        Fate::Impossible(reason) => panic!("{cell}: {reason}"),
    }
    if cell.fate == Fate::Waiter && cell.place == Place::Payload {
        expected.holder.push(at);
    }
    if cell.construct != Construct::HandleDrop {
        expected.cancelled = cell.cancelled_tasks() as usize;
    }
    assert_eq!(*lock(&probe.seen), expected, "{cell}");
    assert_eq!(
        probe.bodies(),
        usize::from(!cell.is_skipped()),
        "{cell}: how often the body has run"
    );
    probe.check_threads();
    // Every argument, result and payload is gone.
    let (made, dropped) = (probe.ledger.made(), probe.ledger.dropped());
    assert_eq!(made, dropped, "{cell}: made and dropped");
    // The counts add up.
    let stats = pool.stats().total();
    assert_eq!(
        stats.spawned,
        stats.executed + stats.cancelled,
        "{cell}: {stats:?}"
    );
    assert_eq!(stats.panicked, cell.panicked_tasks(), "{cell}: panicked");
    assert_eq!(stats.cancelled, cell.cancelled_tasks(), "{cell}: cancelled");
    assert_eq!(stats.taken, stats.stolen, "{cell}: forks");
    assert_eq!(stats.tasks_taken, stats.tasks_stolen, "{cell}: tasks");
    // The pool is as good as new.
    assert_eq!(pool.broadcast(|_| 1).len(), pool.workers(), "{cell}");
    assert_eq!(pool.scope(|s| s.spawn(|| 1).join()), 1, "{cell}");
    assert_eq!(on_worker(&pool, || zp::join!(1, 2, 3)), (1, 2, 3), "{cell}");
    assert_eq!(
        zp::times(100, |i| i).on(&pool).reduce(0, |a, b| a + b),
        4950
    );
    drop(pool);
}
