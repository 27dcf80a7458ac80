//! Owned tasks: every way to spawn one, and to collect what becomes of it.

use crate::expected::mix;
use crate::parallel::{Run, Value, eval};
use crate::program::{Id, OwnedWay, permuted};
use crate::scopes::options;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;
use zp::{JoinHandle, TaskError};

/// What is left of a task.
enum Pending {
    Handle(JoinHandle<Value>),
    /// It was given back.
    Refused(Box<dyn FnOnce() -> Value + Send>),
    Gone,
}

fn task(run: &Arc<Run>, child: Id) -> impl FnOnce() -> Value + Send + 'static {
    let (run, arg) = (Arc::clone(run), run.ledger.token());
    move || {
        let _arg = arg;
        eval(&run, child)
    }
}

/// The value, or its panic, or the value by hand if the task was not run.
fn settle(run: &Arc<Run>, child: Id, result: Result<Value, TaskError>) -> Value {
    match result {
        Ok(value) => value,
        Err(error) => match error.into_panic() {
            Ok(payload) => resume_unwind(Box::new(run.check_panic(child, payload))),
            Err(_not_run) => eval(run, child),
        },
    }
}

/// As an owned task of `pool`.
pub(crate) fn spawned_and_awaited(run: &Arc<Run>, pool: &zp::Pool, child: Id) -> Value {
    settle(run, child, pool.spawn(task(run, child)).wait())
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// As an owned task that another executor awaits.
pub(crate) fn awaited(run: &Arc<Run>, pool: &zp::Pool, child: Id) -> Value {
    let mut handle = pin!(pool.spawn(task(run, child)));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match handle.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return settle(run, child, result),
            Poll::Pending => thread::park(),
        }
    }
}

fn spawn(run: &Arc<Run>, way: OwnedWay, child: Id) -> Pending {
    let task = task(run, child);
    match way {
        OwnedWay::With(detail) => {
            Pending::Handle(run.pools[0].spawn_with(task, options(detail, run)))
        }
        OwnedWay::Try => match run.pools[0].try_spawn(task) {
            Ok(handle) => Pending::Handle(handle),
            Err(refused) => {
                if !refused.is_full() {
                    run.complain("a pool that is open refused a task".to_owned());
                }
                Pending::Refused(Box::new(refused.into_inner()))
            }
        },
        OwnedWay::Detach => {
            drop(zp::spawn(task));
            Pending::Gone
        }
        _ => Pending::Handle(zp::spawn(task)),
    }
}

fn collect(run: &Arc<Run>, way: OwnedWay, at: usize, child: Id, pending: Pending) -> u64 {
    let mut handle = match pending {
        Pending::Gone => return at as u64,
        Pending::Refused(task) => return task().bits,
        Pending::Handle(handle) => handle,
    };
    let result = match way {
        OwnedWay::Timed => match handle.wait_timeout(Duration::from_micros(50)) {
            Some(result) => result,
            None => handle.wait(),
        },
        OwnedWay::Polled => {
            let mut context = Context::from_waker(Waker::noop());
            match Pin::new(&mut handle).poll(&mut context) {
                Poll::Ready(result) => result,
                Poll::Pending => handle.wait(),
            }
        }
        OwnedWay::Cancel => {
            let is_cancelled = handle.cancel();
            let result = handle.wait();
            let says_so = matches!(&result, Err(error) if error.is_cancelled());
            if is_cancelled != says_so {
                run.complain(format!(
                    "node {child}: cancelled is {is_cancelled}, the handle says {says_so}"
                ));
            }
            result
        }
        _ => handle.wait(),
    };
    settle(run, child, result).bits
}

/// The children, spawned in one order and collected in another.
pub(crate) fn owned(run: &Arc<Run>, id: Id, items: &[(OwnedWay, Id)], order: u8) -> u64 {
    let mut pending: Vec<Pending> = items
        .iter()
        .map(|&(way, child)| spawn(run, way, child))
        .collect();
    let mut sum = id as u64;
    for at in permuted(items.len(), order) {
        let (way, child) = items[at];
        let one = std::mem::replace(&mut pending[at], Pending::Gone);
        sum = mix(sum, collect(run, way, at, child, one));
    }
    sum
}
