//! A thread at work: where it looks for work, and the life of a worker thread.

use super::desk::{Desk, Slot};
use super::fork::{Stolen, StolenFork};
use super::registry::Registry;
use crate::sync::{Parker, spin_loop, thread};
use crate::task::Context;
use crate::task::block::{Active, Claim, TaskRef};
use crossbeam_utils::Backoff;
use std::sync::Arc;

/// How often a thread looks again before it sleeps: first spinning, then yielding. About 20 µs in all on the machine
/// this was written on, if nothing else wants the processor; never more than so many looks.
pub(super) struct Linger {
    rounds: u32,
    backoff: Backoff,
}

impl Linger {
    const SPINS: u32 = if cfg!(miri) { 1 } else { 16 };
    const ROUNDS: u32 = if cfg!(miri) { 2 } else { 48 };

    pub(super) fn new() -> Self {
        Self {
            rounds: 0,
            backoff: Backoff::new(),
        }
    }

    /// Passes a moment; false once it is time to sleep.
    #[must_use]
    pub(super) fn again(&mut self) -> bool {
        self.rounds += 1;
        if self.rounds <= Self::SPINS {
            self.backoff.spin();
        } else if self.rounds <= Self::ROUNDS {
            thread::yield_now();
        }
        self.rounds <= Self::ROUNDS
    }
}

/// A thread at its desk in a pool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worker<'a> {
    pub(super) registry: &'a Arc<Registry>,
    pub(super) desk: &'a Desk,
}

/// Something to do for a worker that has nothing of its own.
enum Work {
    Fork(StolenFork),
    Task(TaskRef),
}

impl Worker<'_> {
    pub(super) fn slot(&self) -> &Slot {
        &self.registry.slots[self.desk.index]
    }

    pub(crate) fn index(&self) -> usize {
        self.desk.index
    }

    /// A fork was pushed: somebody may want it.
    #[inline]
    pub(super) fn posted_fork(&self) {
        self.registry.posted();
        // Whoever waits for what we execute may help with it, but only in a seat.
        if self.registry.sleep.has_free_seat() {
            self.desk.executing.nudge();
        }
    }

    /// True if the thread has a seat, or takes one now.
    pub(super) fn take_seat(&self) -> bool {
        if !self.desk.seated.get() && self.registry.sleep.try_seat() {
            self.desk.seated.set(true);
        }
        self.desk.seated.get()
    }

    /// A thread that is about to run something of its own, seat or no seat, gives searching workers, which hold seats for
    /// moments only, a short time to decide.
    pub(crate) fn await_seat(&self, decided: impl Fn() -> bool) {
        let mut linger = Linger::new();
        while !self.take_seat()
            && self.registry.sleep.is_searching()
            && !decided()
            && linger.again()
        {}
    }

    pub(super) fn give_seat_back(&self) {
        if self.desk.seated.replace(false) {
            let registry = self.registry;
            registry.sleep.release_seat(|| registry.has_work());
        }
    }

    /// Runs a claimed task here. The scope it belongs to counts this thread as active until the result is dropped.
    pub(super) fn run_claim(&self, task: &TaskRef, claim: Claim<'_>) -> Active {
        let mut cx = Context::new(self.registry, Some(*self), Some(task.state()));
        self.desk
            .execute(self.slot(), task.latch(), || claim.run(&mut cx))
    }

    pub(super) fn run_fork(&self, fork: StolenFork) {
        let latch = fork.latch();
        self.desk.execute(self.slot(), latch, || fork.run());
    }

    /// One look at every place where work may be: the thread's own deque, other threads' forks (oldest first), the
    /// injector, other threads' spawned tasks.
    fn look(&self) -> Option<Work> {
        if let Some(task) = self.desk.spawns.pop_newest() {
            return Some(Work::Task(task));
        }
        let slots = &self.registry.slots;
        let start = self.desk.random() % slots.len();
        let others = || {
            (start..slots.len())
                .chain(0..start)
                .filter(|&at| at != self.desk.index)
        };
        for at in others() {
            loop {
                match slots[at].forks.steal_oldest() {
                    Stolen::Nothing => break,
                    Stolen::Retry => spin_loop(),
                    Stolen::Job(fork) => return Some(Work::Fork(fork)),
                }
            }
        }
        if let Some(task) = self.registry.injector.pop() {
            return Some(Work::Task(task));
        }
        others().find_map(|at| slots[at].spawns.steal_oldest().map(Work::Task))
    }

    /// Finds one thing to do and does it; `ready` is called in between, when it is certain that it will be done.
    /// `None`: there is nothing to do. A scope whose task was run counts this thread as active until the answer is
    /// dropped.
    fn work(&self, mut ready: impl FnMut()) -> Option<Active> {
        loop {
            match self.look()? {
                Work::Fork(fork) => {
                    ready();
                    self.run_fork(fork);
                    return Some(Active::nobody());
                }
                Work::Task(task) => {
                    // A task that somebody else has claimed left this entry behind: only its reference is to be dropped.
                    if let Some(claim) = task.try_start() {
                        ready();
                        return Some(self.run_claim(&task, claim));
                    }
                }
            }
        }
    }

    /// The life of a worker thread.
    ///
    /// A worker that runs something has a seat and keeps it while it finds more at once. Otherwise it *searches*: it has no
    /// seat, so that a caller can have it, and takes one only when it sees that there is work.
    pub(super) fn main_loop(&self, parker: &'static Parker) {
        let registry = self.registry;
        let has_work = || registry.has_work();
        // Whether this worker counts as searching.
        let mut searching = false;
        loop {
            if !searching {
                registry.sleep.begin_search();
                searching = true;
            }
            let mut linger = Linger::new();
            loop {
                // Draining at the end waits for no seat.
                if has_work() && (self.take_seat() || registry.sleep.is_terminating()) {
                    // What the last task belonged to counts us as active until the next one has begun: its owner, who
                    // waits, need not wake to see to the rest.
                    let mut last = Active::nobody();
                    while let Some(active) = self.work(|| {
                        if std::mem::take(&mut searching) {
                            registry.sleep.end_search(has_work);
                        }
                        last.release();
                    }) {
                        last = active;
                    }
                    // Searching before it is no longer active, so that its owner always sees one of the two.
                    if !searching {
                        registry.sleep.begin_search();
                        searching = true;
                        linger = Linger::new();
                    }
                    last.release();
                    self.give_seat_back();
                }
                if !linger.again() {
                    break;
                }
            }
            if registry.sleep.is_terminating() && !has_work() {
                registry.sleep.end_search(has_work);
                return;
            }
            searching = registry.sleep.rest(self.desk.index, parker, has_work);
        }
    }
}
