//! The executor: what the program says, with the library.

use crate::Report;
use crate::balance;
use crate::batches;
use crate::buffers;
use crate::expected::{CAUGHT, Expected, fails_by_error, mix};
use crate::ledger::{Ledger, Token};
use crate::owned;
use crate::pools::{Config, Entry, HookCalls, LINE_BYTES};
use crate::program::{Elsewhere, Id, JoinForm, Node, Program};
use crate::scopes;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// What all tasks of a program share.
#[derive(Debug)]
pub struct Run {
    /// What is run.
    pub program: Program,
    /// What has to come out.
    pub expected: Expected,
    /// The values, arguments and payloads.
    pub ledger: Arc<Ledger>,
    /// How often each node has begun.
    pub begun: Vec<AtomicUsize>,
    /// Panics raised.
    pub panics: AtomicUsize,
    /// What went wrong, and what the panic handlers have heard.
    pub reports: Arc<Reports>,
    /// The pools of threads.
    pub pools: Vec<zp::Pool>,
    /// The buffers that `pools` lend.
    pub open: zp::BufferPool,
    /// Buffers with a cap.
    pub capped: zp::BufferPool,
    /// Buffers with a cap for which everybody waits in line.
    pub line: zp::BufferPool,
}

/// What a pool's panic handler, and others that cannot panic, have to say.
#[derive(Debug, Default)]
pub struct Reports {
    /// Nodes whose panics the handlers were given.
    pub handled: Mutex<Vec<Id>>,
    /// What went wrong.
    pub complaints: Mutex<Vec<String>>,
}

/// The result of a node: it has to be delivered once.
#[derive(Debug)]
pub struct Value {
    /// What it is.
    pub bits: u64,
    _token: Token,
}

/// The payload of a panic that belongs to the program.
#[derive(Debug)]
pub struct Failed {
    /// The node that panicked.
    pub id: Id,
    _token: Token,
}

/// What a panic carries.
pub type Payload = Box<dyn Any + Send>;

impl Reports {
    /// Something is not as it should be. Does not panic: that might be caught as a part of the program.
    pub fn complain(&self, what: String) {
        let complaints = self.complaints.lock();
        complaints
            .unwrap_or_else(PoisonError::into_inner)
            .push(what);
    }

    /// What a panic handler does.
    pub fn handle(&self, payload: &(dyn Any + Send)) {
        match payload.downcast_ref::<Failed>() {
            Some(failed) => self
                .handled
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(failed.id),
            None => self.complain(format!("a panic was handled: {}", text_of(payload))),
        }
    }
}

impl Run {
    /// A result.
    #[must_use]
    pub fn value(&self, bits: u64) -> Value {
        let _token = self.ledger.token();
        Value { bits, _token }
    }

    /// Panics as the node `id`, without the report of the panic hook, of which there would be thousands.
    pub fn fail(&self, id: Id) -> ! {
        self.panics.fetch_add(1, Relaxed);
        let _token = self.ledger.token();
        resume_unwind(Box::new(Failed { id, _token }))
    }

    /// Something is not as it should be.
    pub fn complain(&self, what: String) {
        self.reports.complain(what);
    }

    /// # Panics
    /// On, if it is not a panic of the program.
    pub fn check_panic(&self, child: Id, payload: Payload) -> Failed {
        match payload.downcast::<Failed>() {
            Ok(failed) => {
                let expected = &self.expected.outcomes[child];
                if !matches!(expected, Err(ids) if ids.contains(&failed.id)) {
                    self.complain(format!(
                        "node {child} panicked as {}, expected {expected:?}",
                        failed.id
                    ));
                }
                *failed
            }
            Err(payload) => {
                self.complain(format!("node {child} panicked: {}", text_of(&*payload)));
                resume_unwind(payload)
            }
        }
    }

    /// The value of a child, compared with what is expected.
    fn check_value(&self, id: Id, value: &Value) {
        if self.expected.outcomes[id] != Ok(value.bits) {
            self.complain(format!(
                "node {id} is {:#x}, expected {:x?}",
                value.bits, self.expected.outcomes[id]
            ));
        }
    }
}

/// What a panic says.
#[must_use]
pub fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned()))
        .unwrap_or_else(|| "(not a string)".to_owned())
}

/// Evaluates a node with the current pool.
pub fn eval(run: &Arc<Run>, id: Id) -> Value {
    run.begun[id].fetch_add(1, Relaxed);
    let fold = |values: Vec<Value>| values.iter().fold(id as u64, |sum, v| mix(sum, v.bits));
    let bits = match &run.program.nodes[id] {
        Node::Leaf(work) => {
            for round in 0..u32::from(*work) {
                std::hint::black_box(round);
            }
            mix(id as u64, u64::from(*work))
        }
        Node::Fail => run.fail(id),
        Node::Catch(child) => mix(id as u64, eval_caught(run, *child).bits),
        Node::Join(JoinForm::Macro, arms) => fold(join_macro(run, arms)),
        Node::Join(JoinForm::Function, arms) => fold(join_function(run, arms)),
        Node::Join(JoinForm::Try, arms) => match join_try(run, arms) {
            Ok(values) => fold(values),
            Err(failed) => resume_unwind(Box::new(failed)),
        },
        Node::Scope {
            items,
            order,
            fails,
        } => scopes::scope(run, id, items, *order, *fails),
        Node::Owned { items, order } => owned::owned(run, id, items, *order),
        Node::Batch {
            kind,
            len,
            grain,
            items,
        } => batches::batch(run, id, *kind, *len, *grain, items),
        Node::Hold(loan, child) => fold(vec![buffers::hold(run, *loan, *child)]),
        Node::Queue(len) => {
            buffers::queue(run, *len);
            mix(id as u64, *len as u64)
        }
        Node::Elsewhere(form, pool, child) => fold(vec![elsewhere(run, *form, *pool, *child)]),
        Node::Broadcast => {
            let indices = run.pools[0].broadcast(|index| index);
            if indices.iter().enumerate().any(|(at, &index)| at != index) {
                run.complain(format!("a broadcast returned {indices:?}"));
            }
            mix(id as u64, 1)
        }
        Node::Sort(len, fails) => batches::sort(run, id, *len, *fails),
    };
    let value = run.value(bits);
    run.check_value(id, &value);
    value
}

/// As [`eval`], with a panic as a value.
pub fn eval_caught(run: &Arc<Run>, id: Id) -> Value {
    match attempt(run, id) {
        Ok(value) => value,
        Err(_failed) => run.value(CAUGHT),
    }
}

/// As [`eval`], with a panic as an error.
///
/// # Errors
/// If the node panics.
pub fn attempt(run: &Arc<Run>, id: Id) -> Result<Value, Failed> {
    catch_unwind(AssertUnwindSafe(|| eval(run, id))).map_err(|payload| run.check_panic(id, payload))
}

fn join_macro(run: &Arc<Run>, arms: &[Id]) -> Vec<Value> {
    // Each arm has an argument to be dropped.
    let arg = || run.ledger.token();
    let arm = |token: Token, id: Id| {
        let _arg = token;
        eval(run, id)
    };
    match *arms {
        [] => Vec::new(),
        [a] => vec![zp::join!(eval(run, a)).0],
        [a, b] => {
            let (ta, tb) = (arg(), arg());
            let (a, b) = zp::join!(arm(ta, a), arm(tb, b));
            vec![a, b]
        }
        [a, b, c] => {
            let tb = arg();
            let (a, b, c) = zp::join!(eval(run, a), arm(tb, b), eval(run, c));
            vec![a, b, c]
        }
        [a, b, c, ref rest @ ..] => {
            let tc = arg();
            let (a, b, c, mut rest) = zp::join!(
                eval(run, a),
                eval(run, b),
                arm(tc, c),
                join_macro(run, rest)
            );
            let mut values = vec![a, b, c];
            values.append(&mut rest);
            values
        }
    }
}

fn join_function(run: &Arc<Run>, arms: &[Id]) -> Vec<Value> {
    match arms {
        [] => Vec::new(),
        [one] => vec![eval(run, *one)],
        _ => {
            let (left, right) = arms.split_at(arms.len() / 2);
            let token = run.ledger.token();
            let (mut left, right) = zp::join(
                || join_function(run, left),
                move || {
                    let _arg = token;
                    join_function(run, right)
                },
            );
            left.extend(right);
            left
        }
    }
}

fn join_try(run: &Arc<Run>, arms: &[Id]) -> Result<Vec<Value>, Failed> {
    let arm = |id: Id| {
        if fails_by_error(JoinForm::Try, id) {
            attempt(run, id)
        } else {
            Ok(eval(run, id))
        }
    };
    match *arms {
        [] => Ok(Vec::new()),
        [a] => Ok(vec![arm(a)?]),
        [a, b] => {
            let (a, b) = zp::try_join!(arm(a), arm(b))?;
            Ok(vec![a, b])
        }
        [a, b, ref rest @ ..] => {
            let (a, b, mut rest) = zp::try_join!(arm(a), arm(b), join_try(run, rest))?;
            let mut values = vec![a, b];
            values.append(&mut rest);
            Ok(values)
        }
    }
}

fn elsewhere(run: &Arc<Run>, form: Elsewhere, pool: usize, child: Id) -> Value {
    let pool = &run.pools[pool];
    match form {
        Elsewhere::Install => pool.install(|| eval(run, child)),
        Elsewhere::Scope => pool.scope(|s| s.spawn(|| eval(run, child)).join()),
        Elsewhere::Spawn => owned::spawned_and_awaited(run, pool, child),
    }
}

/// Runs the program, and draws the balance.
pub fn run(program: Program, expected: Expected, config: &Config) -> Report {
    let (open, capped) = (config.open.build(), config.capped.build());
    let line = zp::BufferPool::builder()
        .max_bytes(LINE_BYTES)
        .worker_wait(std::time::Duration::from_secs(60))
        .build();
    let line = match line {
        Ok(line) => line,
        Err(error) => panic!("no buffers: {error}"),
    };
    let reports = Arc::new(Reports::default());
    let calls: Vec<_> = config.pools.iter().map(|_| Arc::default()).collect();
    let start = |(choice, calls): (&crate::pools::PoolChoice, &Arc<HookCalls>)| {
        let reports = Arc::clone(&reports);
        choice.build(open.clone(), calls, move |payload| {
            reports.handle(&*payload)
        })
    };
    let pools = config.pools.iter().zip(&calls).map(start).collect();
    let count = program.nodes.len();
    let run = Arc::new(Run {
        program,
        expected,
        ledger: Ledger::new(1 << 17),
        begun: (0..count).map(|_| AtomicUsize::new(0)).collect(),
        panics: AtomicUsize::new(0),
        reports: Arc::clone(&reports),
        pools,
        open,
        capped,
        line,
    });
    let pool = &run.pools[0];
    let outcome = catch_unwind(AssertUnwindSafe(|| match config.entry {
        Entry::Install => pool.install(|| eval(&run, 0)),
        Entry::Scope => pool.scope(|s| s.spawn(|| eval(&run, 0)).join()),
        Entry::Spawn => owned::spawned_and_awaited(&run, pool, 0),
        Entry::Await => owned::awaited(&run, pool, 0),
    }));
    match outcome {
        Ok(value) => drop(value),
        Err(payload) => drop(run.check_panic(0, payload)),
    }
    balance::draw(run, &calls, config)
}
