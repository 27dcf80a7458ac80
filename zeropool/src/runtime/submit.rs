//! How a spawned task gets into a queue: into which one, and what happens when that is full.
//!
//! | spawned by | `WorkStealing` | `GlobalFifo`, `Locked` | the queue is full |
//! |---|---|---|---|
//! | the owner of a scope that is at home at the thread's desk, into that scope | its own deque (`scope.rs`) | the global queue | |
//! | a thread with a desk at which a scope is at home, anything else | the global queue | the global queue | its own deque |
//! | any other thread with a desk in the pool | its own deque | the global queue | its own deque |
//! | any other thread | the global queue | the global queue | as [`WhenFull`] says |
//!
//! Tasks of high and of low priority go into a lane of their own instead (`lanes.rs`), whoever spawns them; each lane has the bound, too. A
//! full mailbox is passed by.
//!
//! Entries of tasks that their waiters have run take up room until they are cleared out, which happens before anybody is refused or has
//! to wait; of more than 64 entries, a quarter may be such ones (`leftovers.rs`).

use super::config::{Scheduling, WhenFull};
use super::current;
use super::lanes::Lane;
use super::placement::Posted;
use super::registry::Registry;
use crate::queue::global::Kind;
use crate::sync::Ordering::Acquire;
use crate::task::block::TaskRef;
use crate::task::queues::TaskInjector;
use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

/// In a queue for no more than so many entries, all of them are looked at when it is full.
const SMALL: u32 = 64;

/// Where tasks go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Submission {
    pub(super) scheduling: Scheduling,
    /// Of the global queue.
    pub(super) capacity: Option<NonZeroU32>,
    pub(super) when_full: WhenFull,
}

impl Submission {
    pub(super) fn queue(self) -> TaskInjector {
        let kind = Kind {
            capacity: self.capacity,
            locked: self.scheduling == Scheduling::Locked,
        };
        TaskInjector::with_kind(kind, self.when_full == WhenFull::Block)
    }

    /// For a registry without threads, where nobody would make room.
    pub(super) fn without_bound(self) -> Self {
        Self {
            capacity: None,
            ..self
        }
    }

    /// May no more than `length` tasks wait in one place?
    pub(super) fn is_full(self, length: usize) -> bool {
        self.capacity
            .is_some_and(|capacity| length >= capacity.get() as usize)
    }

    /// Do threads put what they spawn on deques of their own?
    pub(super) fn uses_deques(self) -> bool {
        self.scheduling == Scheduling::WorkStealing
    }
}

impl Registry {
    /// Puts a task where workers look for it; if there is no room, does as the pool's builder was told. The caller then passes the answer to
    /// [`Registry::tell`]. A task that comes back was refused, and nobody has seen it.
    #[inline]
    pub(super) fn queue(
        self: &Arc<Self>,
        lane: Option<Lane>,
        task: TaskRef,
    ) -> Result<Posted, TaskRef> {
        match self.try_queue(lane, task) {
            Ok(posted) => Ok(posted),
            Err(task) => self.queue_to_full(lane, task),
        }
    }

    /// As [`Registry::queue`], but a task for which there is no room comes back.
    #[inline]
    pub(super) fn try_queue(
        self: &Arc<Self>,
        lane: Option<Lane>,
        task: TaskRef,
    ) -> Result<Posted, TaskRef> {
        if !self.origin.is_ordinary() {
            self.queue_after_fork(task);
            return Ok(Posted::Anywhere);
        }
        current::with(
            |place| match place.and_then(|place| place.worker_of(self)) {
                Some(worker) => {
                    let kept = match lane {
                        Some(lane) => {
                            self.lanes.push(lane, task);
                            Ok(Posted::Anywhere)
                        }
                        // The tasks of a scope that is at home here would hide it from others.
                        None if self.submission.uses_deques() && worker.desk.homes.get() == 0 => {
                            Err(task)
                        }
                        None => self.try_inject(task),
                    };
                    Ok(kept.unwrap_or_else(|task| {
                        worker.desk.spawns.push_newest(task);
                        if worker.desk.count_spawn() {
                            self.sweep_own_deque(worker.desk);
                        }
                        Posted::Anywhere
                    }))
                }
                None => self.try_queue_from_outside(lane, task),
            },
        )
    }

    #[inline]
    fn try_queue_from_outside(
        self: &Arc<Self>,
        lane: Option<Lane>,
        task: TaskRef,
    ) -> Result<Posted, TaskRef> {
        let pushed = match lane {
            None => self.try_inject(task),
            Some(_) => self.try_push_to(lane, task),
        };
        let task = match pushed {
            Ok(posted) => return Ok(posted),
            Err(task) => task,
        };
        let capacity = self.submission.capacity.map_or(u32::MAX, NonZeroU32::get);
        // Ordering: Relaxed would do; a heuristic.
        let left = self.entries_left.load(Acquire);
        if capacity > SMALL && left < capacity as usize / 4 {
            return Err(task);
        }
        self.clear_out();
        self.try_push_to(lane, task)
    }

    #[inline]
    fn try_inject(&self, task: TaskRef) -> Result<Posted, TaskRef> {
        self.injector.try_push(task)?;
        Ok(if self.injector.pushes_by_exchange() {
            Posted::ByExchange
        } else {
            Posted::Anywhere
        })
    }

    fn try_push_to(&self, lane: Option<Lane>, task: TaskRef) -> Result<Posted, TaskRef> {
        self.push_to(lane, |queue| queue.try_push(task))?;
        Ok(Posted::Anywhere)
    }

    /// Pushes to a lane, or to the injector.
    #[inline]
    fn push_to(
        &self,
        lane: Option<Lane>,
        push: impl FnOnce(&TaskInjector) -> Result<(), TaskRef>,
    ) -> Result<(), TaskRef> {
        match lane {
            None => push(&self.injector),
            Some(lane) => self.lanes.try_push(lane, push),
        }
    }

    /// A thread from outside has found the queue full.
    #[cold]
    fn queue_to_full(
        self: &Arc<Self>,
        lane: Option<Lane>,
        task: TaskRef,
    ) -> Result<Posted, TaskRef> {
        match self.submission.when_full {
            WhenFull::Fail => return Err(task),
            // A thread that works for the pool must not wait for it.
            WhenFull::Block if !self.is_here() => {
                let make_room = || {
                    // Ordering: Acquire; after the fence in `Room::wait`, see `tell_who_waits_for_room`.
                    if self.entries_left.load(Acquire) > 0 {
                        self.clear_out();
                    }
                };
                let park = |parker| current::park(parker, None);
                let gives_up = || self.sleep.is_terminating();
                self.push_to(lane, |queue| {
                    queue.push_when_room(task, park, make_room, gives_up)
                })?;
            }
            WhenFull::Block | WhenFull::RunInCaller => {
                self.with_desk(|worker| {
                    if let Some(worker) = worker {
                        worker.await_seat(|| false);
                    }
                    self.run_unqueued(worker, &task);
                });
            }
        }
        Ok(Posted::Anywhere)
    }
}

/// Why [`Pool::try_spawn`](crate::Pool::try_spawn) did not take a task. The task is inside.
///
/// # Examples
///
/// ```
/// let pool = zp::Pool::builder().workers(1).build()?;
/// pool.shutdown();
/// let error = pool.try_spawn(|| 1 + 1).unwrap_err();
/// assert!(matches!(error, zp::TrySpawnError::Closed(_)));
/// assert_eq!(error.to_string(), "the pool has been shut down and accepts no tasks");
/// let task = error.into_inner();
/// assert_eq!(task(), 2);
/// # Ok::<(), zp::BuildError>(())
/// ```
#[non_exhaustive]
pub enum TrySpawnError<T> {
    /// There is no room in the pool's queue at the moment.
    Full(T),
    /// The pool has been shut down.
    Closed(T),
}

impl<T> TrySpawnError<T> {
    /// The task.
    #[must_use]
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(task) | Self::Closed(task) => task,
        }
    }

    /// True if there was no room: it may succeed later.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// True if the pool has been shut down.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T> fmt::Debug for TrySpawnError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> fmt::Display for TrySpawnError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the pool's queue is full",
            Self::Closed(_) => "the pool has been shut down and accepts no tasks",
        })
    }
}

impl<T> Error for TrySpawnError<T> {}
