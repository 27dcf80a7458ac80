//! Every panic position (covers E2): what `panic_matrix/table.rs` says is run, each cell in this process, and once more in a process that
//! aborts on panics.

#[cfg(not(miri))]
#[path = "panic_matrix/abort.rs"]
mod abort;
#[path = "panic_matrix/batches.rs"]
mod batches;
#[path = "panic_matrix/joins.rs"]
mod joins;
#[path = "panic_matrix/probe.rs"]
mod probe;
#[path = "panic_matrix/run.rs"]
mod run;
mod support;
#[path = "panic_matrix/table.rs"]
mod table;
#[path = "panic_matrix/tasks.rs"]
mod tasks;

use std::panic::{set_hook, take_hook};
use std::sync::Once;
use support::{LIMIT, times, within};
use table::{Construct, Fate, cells};

/// Keeps the reports of the matrix's own panics, some thousand, out of the tests' output.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = take_hook();
        set_hook(Box::new(move |info| {
            if !info.payload().is::<probe::Shot>() {
                report(info);
            }
        }));
    });
}

/// Runs all cells of one construct, in each scheduling mode, with threads that have just begun and with such as have made many joins.
fn all(construct: Construct) {
    silence();
    within(LIMIT, move || {
        let mut ran = 0;
        for cell in cells().filter(|cell| cell.construct == construct) {
            if cell.fate.is_possible() {
                for round in 0..times(12, 1) {
                    run::run(cell, round);
                }
                ran += 1;
            }
        }
        assert!(ran > 0, "{construct:?} has no cells");
    });
}

#[test]
fn no_cell_is_lost() {
    assert_eq!(cells().count(), 10 * 4 * 3);
    let possible = cells().filter(|cell| cell.fate.is_possible()).count();
    assert_eq!(possible, 99);
    let mut places: Vec<_> = cells()
        .map(|cell| (cell.construct, cell.place, cell.executor))
        .collect();
    places.dedup();
    assert_eq!(places.len(), cells().count(), "each cell once");
    for cell in cells() {
        if let Fate::Impossible(reason) = cell.fate {
            assert!(!reason.is_empty(), "{cell:?}");
        }
    }
}

#[test]
fn first_arm() {
    all(Construct::FirstArm);
}

#[test]
fn second_arm() {
    all(Construct::SecondArm);
}

#[test]
fn last_arm_of_many() {
    all(Construct::LastArm);
}

#[test]
fn scope_body() {
    all(Construct::ScopeBody);
}

#[test]
fn spawned_task() {
    all(Construct::SpawnedTask);
}

#[test]
fn owned_task() {
    all(Construct::OwnedTask);
}

#[test]
fn batch_item() {
    all(Construct::BatchItem);
}

#[test]
fn reduce_operator() {
    all(Construct::Operator);
}

#[test]
fn parallel_call() {
    all(Construct::PCall);
}

#[test]
fn handle_drop() {
    all(Construct::HandleDrop);
}
