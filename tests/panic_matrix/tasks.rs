//! Spawned tasks, owned tasks, handles, and calls that may be offered.

use crate::probe::{Load, Probe, caught};
use crate::support::{occupy, on_worker};
use crate::table::{Executor, Place};
use std::sync::Arc;
use std::thread::{self, ThreadId};

/// What a handle has returned.
fn settle(probe: &Probe, result: Result<Load, zp::TaskError>) {
    match result.map_err(zp::TaskError::into_panic) {
        Ok(value) => probe.hold(value),
        Err(Ok(payload)) => probe.collect(payload),
        Err(Err(error)) => {
            assert!(error.is_cancelled(), "{error}");
            probe.was_cancelled();
        }
    }
}

pub(crate) fn spawned(probe: &Arc<Probe>, pool: &zp::Pool) {
    let p = Arc::clone(probe);
    let scope = move || {
        p.called_here();
        let argument = p.argument();
        let scope = caught(|| {
            zp::scope(|s| {
                let task = || p.body(argument);
                let handle = s.spawn(task);
                match (p.cell.place, p.cell.executor) {
                    (Place::Argument, Executor::Cancelled) => {
                        assert!(handle.cancel());
                        settle(&p, handle.wait());
                    }
                    (_, Executor::Cancelled) => {
                        p.begun.wait();
                        assert!(!handle.cancel());
                        p.release();
                        settle(&p, handle.wait());
                    }
                    (place, executor) => {
                        if executor == Executor::Stolen {
                            p.begun.wait();
                        }
                        // A result or a payload that the library has to drop.
                        if matches!(place, Place::Result | Place::Payload) {
                            drop(handle);
                            p.release();
                            if p.cell.has_rival() {
                                p.rival();
                            }
                        } else {
                            p.release();
                            p.settle(caught(|| handle.join()));
                        }
                    }
                }
            });
        });
        p.settle(scope);
    };
    if probe.cell.executor == Executor::Inline || probe.cell.is_skipped() {
        on_worker(pool, scope);
    } else {
        pool.install(scope);
    }
}

pub(crate) fn owned(probe: &Arc<Probe>, pool: &zp::Pool) {
    let cell = probe.cell;
    probe.called_here();
    // Held back: another thread has to run it. Else nobody else may.
    let busy = (!cell.is_held_back()).then(|| occupy(pool, 1));
    let (p, argument) = (Arc::clone(probe), probe.argument());
    let handle = pool.spawn(move || p.body(argument));
    if cell.is_skipped() {
        assert!(handle.cancel());
    } else if cell.is_held_back() {
        probe.begun.wait();
        if cell.executor == Executor::Cancelled {
            assert!(!handle.cancel());
        }
        probe.release();
    }
    settle(probe, handle.wait());
    drop(busy);
}

pub(crate) fn handle_drop(probe: &Arc<Probe>, pool: &zp::Pool) {
    let cell = probe.cell;
    let busy = cell.is_skipped().then(|| occupy(pool, 1));
    let (p, argument) = (Arc::clone(probe), probe.argument());
    let handle = pool.spawn(move || p.body(argument));
    if cell.is_skipped() {
        assert!(handle.cancel());
    } else if cell.is_held_back() {
        probe.begun.wait();
        if cell.executor == Executor::Cancelled {
            assert!(!handle.cancel());
        }
    } else {
        pool.wait_idle();
    }
    assert!(caught(|| drop(handle)).is_ok(), "{cell}");
    probe.release();
    drop(busy);
    pool.wait_idle();
}

/// Runs the body on another thread, and gives the argument back on the caller's.
fn offered(probe: &Probe, caller: ThreadId, argument: Load) -> Result<Load, Load> {
    if thread::current().id() == caller {
        return Err(argument);
    }
    Ok(probe.body(argument))
}

pub(crate) fn pcall(probe: &Arc<Probe>, pool: &zp::Pool) {
    match probe.cell.executor {
        Executor::Inline => {
            let p = Arc::clone(probe);
            on_worker(pool, move || {
                p.called_here();
                let argument = p.argument();
                zp::scope(
                    |s| match caught(|| zp::pcall!(s, Probe::body(&p, argument))) {
                        Ok(call) => p.hold(call),
                        Err(payload) => p.collect(payload),
                    },
                );
            });
        }
        Executor::Stolen => pool.install(|| stolen_pcall(probe)),
        Executor::Cancelled => unreachable!("impossible"),
    }
}

fn stolen_pcall(p: &Probe) {
    p.called_here();
    let scope = caught(|| {
        zp::scope(|s| {
            let caller = thread::current().id();
            let mut argument = p.argument();
            // Calls are offered while the worker is idle, which it is sooner or later.
            let call = loop {
                let call = zp::pcall!(s, standard, offered(p, caller, argument));
                if !call.is_ready() {
                    break call;
                }
                let Err(unused) = call.get() else {
                    unreachable!("the body is held back")
                };
                argument = unused;
                thread::yield_now();
            };
            p.begun.wait();
            // A result or a payload that the library has to drop.
            if matches!(p.cell.place, Place::Result | Place::Payload) {
                drop(call);
                p.release();
                if p.cell.has_rival() {
                    p.rival();
                }
            } else {
                p.release();
                p.settle(caught(|| call.get()));
            }
        });
    });
    p.settle(scope);
}
