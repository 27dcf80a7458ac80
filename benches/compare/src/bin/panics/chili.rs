//! The cells of chili, which has joins and nothing else. It runs the second closure first and offers the first one: our "first arm" is what
//! the caller runs, our "second arm" what is on offer.

use crate::probe::{Probe, caught, lock};
use crate::table::{Construct, Executor};
use chili::{Config, Scope, ThreadPool};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Runs the cell, if chili has it.
pub(crate) fn run(p: &Arc<Probe>) -> bool {
    let construct = match p.cell.construct {
        Construct::FirstArm => first_arm,
        Construct::SecondArm => second_arm,
        _ => return false,
    };
    let threads = match p.cell.executor {
        Executor::Inline | Executor::Cancelled => 1,
        Executor::Stolen => 2,
    };
    let pool = ThreadPool::with_config(Config {
        thread_count: NonZeroUsize::new(threads),
        ..Config::default()
    });
    // A worker does not hear of an offer that is made before it sleeps for the first time.
    thread::sleep(Duration::from_millis(50));
    p.called_here();
    construct(p, &mut pool.scope());
    true
}

/// Makes joins until the outer one's offer is taken: that happens at joins only.
fn until(scope: &mut Scope<'_>, p: &Probe, taken: impl Fn() -> bool) {
    while p.cell.executor == Executor::Stolen && !taken() {
        scope.join(|_| (), |_| ());
    }
}

fn first_arm(p: &Probe, scope: &mut Scope<'_>) {
    let argument = p.argument();
    p.settle(caught(|| {
        scope.join(
            |_| p.beside(),
            |scope| {
                until(scope, p, || lock(&p.threads)[2].is_some());
                p.body(argument)
            },
        )
    }));
}

fn second_arm(p: &Probe, scope: &mut Scope<'_>) {
    let argument = p.argument();
    p.settle(caught(|| {
        scope.join(
            |_| p.body(argument),
            |scope| {
                until(scope, p, || p.begun.is_open());
                p.beside()
            },
        )
    }));
}
