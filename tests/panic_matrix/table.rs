//! The matrix as data: what becomes of a panic in each construct, place and executor.

use Fate::{Handler, Holder, Impossible, Swallowed, Waiter};
use Place::{Argument, Body, Payload, Result};
use std::fmt;

/// In what the panic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Construct {
    FirstArm,
    SecondArm,
    /// The fifth arm of five.
    LastArm,
    ScopeBody,
    /// Of a scope.
    SpawnedTask,
    /// Owned, its handle waited for.
    OwnedTask,
    BatchItem,
    /// The operator of a `reduce`.
    Operator,
    PCall,
    /// An owned task whose handle is dropped.
    HandleDrop,
}

/// Where the panic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The destructor of an argument or capture.
    Argument,
    /// The body.
    Body,
    /// The destructor of a result.
    Result,
    /// The body panics, with a payload whose destructor panics.
    Payload,
}

/// Who runs it.
///
/// | construct | inline | stolen | cancelled |
/// |---|---|---|---|
/// | first arm, scope body | the caller | the caller, while the second arm, or a task of the scope, is in the hands of another thread | |
/// | other arms, batch item, operator | the caller | another thread, while the caller runs what is before it | skipped |
/// | tasks | the thread that waits | another thread | an argument: cancelled before the start; else: asked to stop while it runs on another thread |
/// | `pcall!` | the caller at once | another thread | |
/// | handle drop | the handle is dropped after the end | the handle is dropped while the task runs | as for tasks, then the handle is dropped |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Executor {
    Inline,
    Stolen,
    Cancelled,
}

/// Who gets the panic, once. Nobody else gets one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Whoever waits for the construct.
    Waiter,
    /// Whoever waits gets a value, and drops it: the panic is in plain sight.
    Holder,
    /// The panic handler of the pool.
    Handler,
    /// Nobody, because another one came first, and is delivered to whoever waits.
    Swallowed,
    Impossible(&'static str),
}

impl Fate {
    pub(crate) fn is_possible(self) -> bool {
        !matches!(self, Impossible(_))
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) construct: Construct,
    pub(crate) place: Place,
    pub(crate) executor: Executor,
    pub(crate) fate: Fate,
}

const FIRST: Fate = Impossible("nothing comes before the first arm that could skip it");
const SKIPPED: Fate = Impossible("an arm that is skipped has no body and no result");
const NO_TASK: Fate = Impossible("the body of a scope is no task: nobody can skip or cancel it");
const NOT_CALLED: Fate =
    Impossible("an operator that is not called has no body and no result, and one that is runs on");
const PCALL: Fate = Impossible("there is nothing to cancel a pcall with");

/// For each construct and place: inline, stolen, cancelled.
#[rustfmt::skip]
const TABLE: &[(Construct, Place, [Fate; 3])] = &[
    //                                  inline     stolen     cancelled
    (Construct::FirstArm,    Argument, [Waiter,    Waiter,    FIRST]),
    (Construct::FirstArm,    Body,     [Waiter,    Waiter,    FIRST]),
    (Construct::FirstArm,    Result,   [Swallowed, Swallowed, FIRST]),
    (Construct::FirstArm,    Payload,  [Waiter,    Waiter,    FIRST]),
    (Construct::SecondArm,   Argument, [Waiter,    Waiter,    Swallowed]),
    (Construct::SecondArm,   Body,     [Waiter,    Waiter,    SKIPPED]),
    (Construct::SecondArm,   Result,   [Holder,    Swallowed, SKIPPED]),
    (Construct::SecondArm,   Payload,  [Waiter,    Swallowed, SKIPPED]),
    (Construct::LastArm,     Argument, [Waiter,    Waiter,    Swallowed]),
    (Construct::LastArm,     Body,     [Waiter,    Waiter,    SKIPPED]),
    (Construct::LastArm,     Result,   [Holder,    Swallowed, SKIPPED]),
    (Construct::LastArm,     Payload,  [Waiter,    Swallowed, SKIPPED]),
    (Construct::ScopeBody,   Argument, [Waiter,    Waiter,    NO_TASK]),
    (Construct::ScopeBody,   Body,     [Waiter,    Waiter,    NO_TASK]),
    (Construct::ScopeBody,   Result,   [Swallowed, Swallowed, NO_TASK]),
    (Construct::ScopeBody,   Payload,  [Waiter,    Waiter,    NO_TASK]),
    (Construct::SpawnedTask, Argument, [Waiter,    Waiter,    Waiter]),
    (Construct::SpawnedTask, Body,     [Waiter,    Waiter,    Waiter]),
    (Construct::SpawnedTask, Result,   [Waiter,    Waiter,    Holder]),
    (Construct::SpawnedTask, Payload,  [Swallowed, Swallowed, Waiter]),
    (Construct::OwnedTask,   Argument, [Waiter,    Waiter,    Handler]),
    (Construct::OwnedTask,   Body,     [Waiter,    Waiter,    Waiter]),
    (Construct::OwnedTask,   Result,   [Holder,    Holder,    Holder]),
    (Construct::OwnedTask,   Payload,  [Waiter,    Waiter,    Waiter]),
    (Construct::BatchItem,   Argument, [Waiter,    Waiter,    Swallowed]),
    (Construct::BatchItem,   Body,     [Waiter,    Waiter,    Waiter]),
    (Construct::BatchItem,   Result,   [Swallowed, Swallowed, Waiter]),
    (Construct::BatchItem,   Payload,  [Waiter,    Swallowed, Waiter]),
    (Construct::Operator,    Argument, [Waiter,    Waiter,    Swallowed]),
    (Construct::Operator,    Body,     [Waiter,    Waiter,    NOT_CALLED]),
    (Construct::Operator,    Result,   [Holder,    Swallowed, NOT_CALLED]),
    (Construct::Operator,    Payload,  [Waiter,    Swallowed, NOT_CALLED]),
    (Construct::PCall,       Argument, [Waiter,    Waiter,    PCALL]),
    (Construct::PCall,       Body,     [Waiter,    Waiter,    PCALL]),
    (Construct::PCall,       Result,   [Holder,    Waiter,    PCALL]),
    (Construct::PCall,       Payload,  [Waiter,    Swallowed, PCALL]),
    (Construct::HandleDrop,  Argument, [Handler,   Handler,   Handler]),
    (Construct::HandleDrop,  Body,     [Handler,   Handler,   Handler]),
    (Construct::HandleDrop,  Result,   [Handler,   Handler,   Handler]),
    (Construct::HandleDrop,  Payload,  [Handler,   Handler,   Handler]),
];

/// All cells, the impossible ones too.
pub(crate) fn cells() -> impl Iterator<Item = Cell> {
    const EXECUTORS: [Executor; 3] = [Executor::Inline, Executor::Stolen, Executor::Cancelled];
    TABLE.iter().flat_map(|&(construct, place, fates)| {
        EXECUTORS
            .into_iter()
            .zip(fates)
            .map(move |(executor, fate)| Cell {
                construct,
                place,
                executor,
                fate,
            })
    })
}

/// As `SecondArm/Payload/Stolen`.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?}/{:?}/{:?}",
            self.construct, self.place, self.executor
        )
    }
}

impl Cell {
    /// Does something beside the construct fail, and is that what is delivered?
    pub(crate) fn has_rival(self) -> bool {
        self.fate == Swallowed
    }

    /// Is it never begun?
    pub(crate) fn is_skipped(self) -> bool {
        self.executor == Executor::Cancelled && self.place == Argument
    }

    /// A task, run by another thread while its caller decides when it goes on.
    pub(crate) fn is_held_back(self) -> bool {
        let is_task = matches!(
            self.construct,
            Construct::SpawnedTask
                | Construct::OwnedTask
                | Construct::HandleDrop
                | Construct::PCall
        );
        match self.executor {
            Executor::Inline => false,
            Executor::Stolen => is_task,
            Executor::Cancelled => !self.is_skipped(),
        }
    }

    /// How many tasks of the pool end by a panic.
    pub(crate) fn panicked_tasks(self) -> u64 {
        let is_in_task = match self.construct {
            Construct::SpawnedTask | Construct::OwnedTask | Construct::HandleDrop => true,
            Construct::PCall => self.executor == Executor::Stolen,
            Construct::BatchItem => self.executor == Executor::Cancelled,
            // The task beside it.
            Construct::ScopeBody => return u64::from(self.has_rival()),
            _ => false,
        };
        // A batch drops results that nobody wants itself; else the task has ended before its value is dropped.
        let ends_it = self.place != Result || self.construct == Construct::BatchItem;
        u64::from(is_in_task && ends_it && !self.is_skipped())
    }

    /// How many tasks are cancelled before they start.
    pub(crate) fn cancelled_tasks(self) -> u64 {
        let is_task = matches!(
            self.construct,
            Construct::SpawnedTask | Construct::OwnedTask | Construct::HandleDrop
        );
        u64::from(is_task && self.is_skipped())
    }
}
