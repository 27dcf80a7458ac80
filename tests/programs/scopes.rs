//! Scopes: every way to spawn a borrowed task, and to collect what becomes of it.

use crate::expected::{CAUGHT, mix};
use crate::ledger::Token;
use crate::parallel::{Run, Value, eval, eval_caught};
use crate::program::{Id, Way, permuted};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use zp::{Handle, PCall, Priority, Scope, Slots, SpawnOptions};

/// What is left of a spawned task.
enum Pending<'scope> {
    Handle(Handle<'scope, Value>),
    Call(PCall<'scope, Value>),
    Gone,
}

/// Where the results of tasks without handles go.
struct Places<'a> {
    own: &'a mut Option<Value>,
    slots: &'a Slots<'a, Option<Value>>,
    /// How often each of them was written.
    wins: &'a [AtomicUsize],
    at: usize,
}

/// Priorities, and hints, some of which cannot be followed.
pub(crate) fn options(detail: u8, near: &Run) -> SpawnOptions {
    let options = SpawnOptions::new();
    match detail % 6 {
        0 => options.priority(Priority::High),
        1 => options.priority(Priority::Low),
        2 => options.on_worker(0),
        3 => options.on_worker(3).priority(Priority::High),
        4 => options.on_node(0),
        _ => options.near(near),
    }
}

fn run_with(token: Token, run: &Arc<Run>, child: Id) -> Value {
    let _arg = token;
    eval(run, child)
}

fn caught_with(token: Token, run: &Arc<Run>, child: Id) -> Value {
    let _arg = token;
    eval_caught(run, child)
}

fn spawn<'scope>(
    s: &'scope Scope<'scope, '_>,
    run: &'scope Arc<Run>,
    way: Way,
    child: Id,
    places: Places<'scope>,
) -> Pending<'scope> {
    let arg = run.ledger.token();
    let task = move || run_with(arg, run, child);
    match way {
        Way::Into => {
            s.spawn_into(task, places.own);
            Pending::Gone
        }
        Way::Relay => {
            let own = places.own;
            s.spawn(move || {
                let own = own;
                drop(s.spawn_into(task, own));
            });
            Pending::Gone
        }
        Way::Slots => {
            let Places {
                slots, wins, at, ..
            } = places;
            let write = move |value: Value| match slots.write(at, Some(value)) {
                Ok(()) => {
                    wins[at].fetch_add(1, Relaxed);
                }
                Err(error) => drop(error.into_inner()),
            };
            // Another that writes the same; one of the two is told that it came too late.
            if let Ok(bits) = run.expected.outcomes[child] {
                s.spawn(move || write(run.value(bits)));
            }
            s.spawn(move || write(task()));
            Pending::Gone
        }
        Way::With(detail) => Pending::Handle(s.spawn_with(task, options(detail, run))),
        Way::PCall(0) => {
            let arg = run.ledger.token();
            Pending::Call(zp::pcall!(s, standard, caught_with(arg, run, child)))
        }
        Way::PCall(1) => {
            let arg = run.ledger.token();
            Pending::Call(zp::pcall!(s, minimal, caught_with(arg, run, child)))
        }
        Way::PCall(_) | Way::PCallDropped => {
            let arg = run.ledger.token();
            Pending::Call(zp::pcall!(s, caught_with(arg, run, child)))
        }
        Way::Join | Way::Wait | Way::Timed | Way::Cancel | Way::Forget => {
            Pending::Handle(s.spawn(task))
        }
    }
}

/// What the body makes of it; only what is certain counts.
fn collect(run: &Arc<Run>, way: Way, at: usize, child: Id, pending: Pending<'_>) -> u64 {
    let mut handle = match pending {
        Pending::Gone => return at as u64,
        Pending::Call(call) if way == Way::PCallDropped => {
            drop(call);
            return at as u64;
        }
        Pending::Call(call) => return call.get().bits,
        Pending::Handle(handle) => handle,
    };
    match way {
        Way::Timed => {
            if handle.wait_timeout(Duration::from_micros(50)) && !handle.is_complete() {
                run.complain(format!("node {child} was waited for, but is not complete"));
            }
            handle.join().bits
        }
        Way::Cancel if handle.cancel() => eval(run, child).bits,
        Way::Forget if run.expected.is_safe(child) => {
            handle.cancel();
            at as u64
        }
        Way::Wait | Way::Forget => match handle.wait() {
            Ok(value) => value.bits,
            Err(error) => match error.into_panic() {
                Ok(payload) => {
                    drop(run.check_panic(child, payload));
                    CAUGHT
                }
                Err(error) => {
                    run.complain(format!("node {child}: {error}"));
                    0
                }
            },
        },
        _ => handle.join().bits,
    }
}

/// The children, spawned in one order and collected in another.
pub(crate) fn scope(run: &Arc<Run>, id: Id, items: &[(Way, Id)], order: u8, fails: bool) -> u64 {
    let none = || items.iter().map(|_| None).collect::<Vec<Option<Value>>>();
    let (mut places, mut indexed) = (none(), none());
    let slots = Slots::new(&mut indexed);
    let wins: Vec<AtomicUsize> = items.iter().map(|_| AtomicUsize::new(0)).collect();
    let mut sum = zp::scope(|s| {
        let mut pending: Vec<Pending<'_>> = (items.iter().zip(&mut places).enumerate())
            .map(|(at, (&(way, child), own))| {
                let places = Places {
                    own,
                    slots: &slots,
                    wins: &wins,
                    at,
                };
                spawn(s, run, way, child, places)
            })
            .collect();
        let mut sum = id as u64;
        for (step, at) in permuted(items.len(), order).into_iter().enumerate() {
            if fails && step == items.len() / 2 {
                run.fail(id);
            }
            let (way, child) = items[at];
            let one = std::mem::replace(&mut pending[at], Pending::Gone);
            sum = mix(sum, collect(run, way, at, child, one));
        }
        sum
    });
    drop(slots);
    if wins.iter().any(|wins| wins.load(Relaxed) > 1) {
        run.complain(format!("slots were written twice: {wins:?}"));
    }
    for (&(way, child), value) in items.iter().zip(places.iter().zip(&indexed)) {
        let value = match way {
            Way::Into | Way::Relay => value.0,
            Way::Slots => value.1,
            _ => continue,
        };
        match value {
            Some(value) => sum = mix(sum, value.bits),
            None => run.complain(format!("the slot of node {child} is empty")),
        }
    }
    sum
}
