//! What goes through a cell: values whose drops are counted, one panic at the place under test, and a record of who saw it.

use crate::support::{Gate, Ledger, Token, message};
use crate::table::{Cell, Construct, Executor, Place};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};

pub(crate) type Caught = Box<dyn Any + Send>;

/// What a panic was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    At(Place),
    /// That of something beside the construct.
    Rival,
    /// None of ours.
    Foreign(String),
}

/// An argument or a result, to be dropped once.
#[derive(Debug)]
pub(crate) struct Load {
    /// Its drop panics, even while the thread is panicking.
    armed: Option<Place>,
    ledger: Ledger,
    /// For what has to tell several apart.
    pub(crate) tag: usize,
    _token: Token,
}

/// The payload of every panic here.
#[derive(Debug)]
pub(crate) struct Shot {
    what: What,
    _load: Option<Load>,
}

impl Drop for Load {
    fn drop(&mut self) {
        if let Some(place) = self.armed {
            // The library drops what it can; the payload of a payload's own panic it leaks, by decision.
            let load = (place != Place::Payload).then(|| load(&self.ledger, None));
            panic_any(Shot {
                what: What::At(place),
                _load: load,
            });
        }
    }
}

fn load(ledger: &Ledger, armed: Option<Place>) -> Load {
    Load {
        armed,
        ledger: ledger.clone(),
        tag: 0,
        _token: ledger.token(),
    }
}

/// Who has seen which panics.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) waiter: Vec<What>,
    pub(crate) holder: Vec<What>,
    pub(crate) handler: Vec<What>,
    /// Told that it has been cancelled.
    pub(crate) cancelled: usize,
}

#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) cell: Cell,
    pub(crate) ledger: Ledger,
    pub(crate) seen: Mutex<Seen>,
    /// The body has begun.
    pub(crate) begun: Gate,
    /// It may go on.
    go: Gate,
    bodies: AtomicUsize,
    /// Of the caller, the body, and what runs beside it.
    pub(crate) threads: Mutex<[Option<ThreadId>; 3]>,
    arrived: Mutex<usize>,
    all_here: Condvar,
}

impl Probe {
    pub(crate) fn new(cell: Cell) -> Self {
        let go = Gate::new();
        if !cell.is_held_back() {
            go.open();
        }
        Self {
            cell,
            ledger: Ledger::new(),
            seen: Mutex::default(),
            begun: Gate::new(),
            go,
            bodies: AtomicUsize::new(0),
            threads: Mutex::default(),
            arrived: Mutex::new(0),
            all_here: Condvar::new(),
        }
    }

    fn armed_at(&self, place: Place) -> Load {
        load(&self.ledger, (self.cell.place == place).then_some(place))
    }

    pub(crate) fn plain(&self) -> Load {
        load(&self.ledger, None)
    }

    /// What the construct is given.
    pub(crate) fn argument(&self) -> Load {
        self.armed_at(Place::Argument)
    }

    fn here(&self, role: usize) {
        lock(&self.threads)[role] = Some(thread::current().id());
    }

    /// The thread that makes the construct is this.
    pub(crate) fn called_here(&self) {
        self.here(0);
    }

    /// The body under test.
    pub(crate) fn body(&self, argument: Load) -> Load {
        self.here(1);
        self.bodies.fetch_add(1, SeqCst);
        self.begun.open();
        self.go.wait();
        if matches!(self.cell.place, Place::Body | Place::Payload) {
            panic_any(Shot {
                what: What::At(self.cell.place),
                _load: Some(self.armed_at(Place::Payload)),
            });
        }
        let result = self.armed_at(Place::Result);
        drop(argument);
        result
    }

    /// What runs beside it, and panics if there is a rival.
    pub(crate) fn beside(&self) -> Load {
        self.here(2);
        if self.cell.has_rival() {
            self.rival();
        }
        self.plain()
    }

    pub(crate) fn rival(&self) -> ! {
        panic_any(Shot {
            what: What::Rival,
            _load: Some(self.plain()),
        })
    }

    /// Lets nobody go on before `parties` are here, if the construct is to be stolen.
    pub(crate) fn meet(&self, parties: usize) {
        if self.cell.executor != Executor::Stolen {
            return;
        }
        let mut arrived = lock(&self.arrived);
        *arrived += 1;
        self.all_here.notify_all();
        while *arrived < parties {
            arrived = self
                .all_here
                .wait(arrived)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A body that was held back goes on.
    pub(crate) fn release(&self) {
        self.go.open();
    }

    pub(crate) fn bodies(&self) -> usize {
        self.bodies.load(SeqCst)
    }

    /// The caller has waited, and this came of it.
    pub(crate) fn settle<R>(&self, result: Result<R, Caught>) {
        match result {
            Ok(value) => self.hold(value),
            Err(payload) => self.collect(payload),
        }
    }

    /// The caller has a panic, and drops it.
    pub(crate) fn collect(&self, payload: Caught) {
        lock(&self.seen).waiter.push(what_of(&payload));
        self.hold(payload);
    }

    /// The caller has a value, and drops it.
    pub(crate) fn hold<T>(&self, value: T) {
        if let Err(payload) = caught(|| drop(value)) {
            lock(&self.seen).holder.push(what_of(&payload));
        }
    }

    /// The caller was told that the task has been cancelled.
    pub(crate) fn was_cancelled(&self) {
        lock(&self.seen).cancelled += 1;
    }

    /// The pool's panic handler: the payload is dropped in it, which may panic.
    pub(crate) fn handle(&self, payload: Caught) {
        lock(&self.seen).handler.push(what_of(&payload));
        drop(payload);
    }

    /// Which of caller, body and what runs beside it may be where.
    pub(crate) fn check_threads(&self) {
        let [caller, body, beside] = *lock(&self.threads);
        let cell = self.cell;
        if cell.is_skipped() || cell.construct == Construct::HandleDrop {
            return;
        }
        match (cell.construct, cell.executor) {
            (Construct::FirstArm | Construct::ScopeBody, Executor::Stolen) => {
                assert_eq!(caller, body, "{cell}");
                assert_ne!(caller, beside, "{cell}");
            }
            (_, Executor::Inline) => assert_eq!(caller, body, "{cell}"),
            (_, Executor::Stolen | Executor::Cancelled) => assert_ne!(caller, body, "{cell}"),
        }
    }
}

pub(crate) fn caught<R>(f: impl FnOnce() -> R) -> Result<R, Caught> {
    catch_unwind(AssertUnwindSafe(f))
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn what_of(payload: &Caught) -> What {
    match payload.downcast_ref::<Shot>() {
        Some(shot) => shot.what.clone(),
        None => What::Foreign(message(&**payload)),
    }
}
