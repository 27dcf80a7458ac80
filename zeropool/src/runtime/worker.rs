//! A thread at work, and the life of a worker thread. Where it looks for work is in `look.rs`.

use super::desk::{Desk, Slot};
use super::fork::StolenFork;
use super::lanes::{Caller, Lane};
use super::look::Work;
use super::registry::Registry;
use super::sleep::{Places, Rested};
use super::thief::Sight;
use crate::sync::{Parker, spin_loop, thread};
use crate::task::Context;
use crate::task::block::{Active, Claim, TaskRef};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a thread looks again before it sleeps: first spinning, then yielding. About 20 µs in all on the machine
/// this was written on, if nothing else wants the processor; never more than so many looks.
pub(super) struct Linger {
    rounds: u32,
}

impl Linger {
    const SPINS: u32 = if cfg!(miri) { 1 } else { 80 };
    const ROUNDS: u32 = if cfg!(miri) { 2 } else { 112 };

    pub(super) fn new() -> Self {
        Self { rounds: 0 }
    }

    /// Passes a moment; false once it is time to sleep.
    #[must_use]
    pub(super) fn again(&mut self) -> bool {
        self.rounds += 1;
        if self.rounds <= Self::SPINS {
            for _ in 0..8 {
                spin_loop();
            }
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

impl Worker<'_> {
    pub(super) fn slot(&self) -> &Slot {
        &self.registry.slots[self.desk.index]
    }

    pub(crate) fn index(&self) -> usize {
        self.desk.index
    }

    /// A fork was put on offer: somebody may want it.
    pub(super) fn offered(&self) {
        self.registry.sleep.offered(&**self.registry);
        // Whoever waits for what we execute may help with it. In want of a seat it goes back to sleep until one is free.
        self.desk.executing.nudge();
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
            registry.sleep.release_seat(&**registry);
        }
    }

    /// The entry of a task that is about to run here, if it is the newest on this thread's deque: it would only be in the way
    /// there.
    pub(super) fn take_back(&self, task: &TaskRef) -> Option<TaskRef> {
        let desk = self.desk;
        desk.spawns.take_back(task, desk.floor.get())
    }

    /// Runs a claimed task here. The scope it belongs to counts this thread as active until the result is dropped.
    #[inline(always)]
    pub(super) fn run_claim(&self, claim: Claim<'_>) -> Active {
        let task = claim.task();
        if task.is_pool_cancelling() {
            return self.cancel_claim(claim);
        }
        let slot = self.slot();
        let mut cx = Context::new(self.registry, Some(*self), Some(task));
        slot.counters.executed.bump();
        if claim.is_sole_of_owner() {
            // Nobody waits for it but the owner of its scope, who is here: it is part of what this thread executes already, and
            // whoever waits for that may help with its forks. It has no waker either.
            claim.run_by_owner(&mut cx);
            return Active::nobody();
        }
        let active = self.desk.execute(slot, task.latch(), || claim.run(&mut cx));
        cx.wake();
        active
    }

    #[cold]
    fn cancel_claim(&self, claim: Claim<'_>) -> Active {
        self.slot().counters.cancelled.bump();
        claim.cancel();
        Active::nobody()
    }

    /// Runs a stolen fork. True if it was worth stealing.
    pub(super) fn run_fork(&self, fork: StolenFork) -> bool {
        let latch = fork.latch();
        self.slot().counters.stolen.bump();
        // Somebody wanted work just now, so what it forks is offered, whatever did not pay before; unless the last ones were
        // small, and this one likely is.
        if self.desk.thief.is_eager() {
            self.desk.forks.resume();
        }
        let (begun, no_work) = (Instant::now(), self.no_work());
        self.desk.execute(self.slot(), latch, || fork.run());
        let time = (begun.elapsed() + no_work).saturating_sub(self.no_work());
        let heartbeat = self.registry.forking.heartbeat;
        self.desk.thief.has_run(time, heartbeat)
    }

    /// How long this thread has waited for what others have stolen from it, and offered: that is no work.
    fn no_work(&self) -> Duration {
        self.desk.waited.get() + self.desk.forks.time_spent()
    }

    /// Finds one thing to do and does it; `ready` is called in between, when it is certain that it will be done.
    /// `None`: there is nothing to do. A scope whose task was run counts this thread as active until the first part of the
    /// answer is dropped; the second says whether it was worth looking for.
    fn work(&self, mut ready: impl FnMut()) -> Option<(Active, bool)> {
        loop {
            let (mut task, from) = match self.look()? {
                Work::Fork(fork) => {
                    self.desk.looks.forget_mail();
                    ready();
                    let worth_it = self.run_fork(fork);
                    return Some((Active::nobody(), worth_it));
                }
                Work::Task(task) => {
                    self.desk.looks.forget_mail();
                    (task, None)
                }
                Work::TaskOf(slot, task) => (task, Some(slot)),
            };
            // A task that somebody else has claimed left this entry behind: only its reference is to be dropped.
            let ran = task.try_start(Some(self.index())).map(|claim| {
                ready();
                match from {
                    Some(from) => self.run_stolen(from, claim),
                    None => self.run_claim(claim),
                }
            });
            task.drop_into(&self.desk.blocks);
            if let Some(active) = ran {
                return Some((active, true));
            }
        }
    }

    /// Runs a task from the deque or the mailbox of another thread, and remembers whether it was tiny.
    fn run_stolen(&self, from: usize, claim: Claim<'_>) -> Active {
        let victim = &self.registry.slots[from];
        self.slot().counters.tasks_stolen.bump();
        victim.counters.tasks_taken.bump_shared();
        let before = Sight::of(&victim.spawns);
        let active = self.run_claim(claim);
        let after = Sight::of(&victim.spawns);
        self.desk.thief.has_run_task(from, before, after);
        active
    }

    /// The life of a worker thread.
    ///
    /// A worker that runs something has a seat and keeps it while it finds more at once. Otherwise it *searches*: it has no
    /// seat, so that a caller can have it, and takes one only when it sees that there is work.
    pub(super) fn main_loop(&self, parker: &'static Parker) {
        let registry = self.registry;
        // Whether this worker counts as searching.
        let mut searching = false;
        loop {
            if !searching {
                registry.sleep.begin_search();
                searching = true;
            }
            let mut linger = Linger::new();
            self.desk.thief.be_curious();
            loop {
                if registry.is_forked() {
                    return;
                }
                if registry.lanes.is_called(self.desk.index) {
                    self.answer_calls(&mut searching);
                    linger = Linger::new();
                }
                // Draining at the end waits for no seat.
                if self.sees_work() && (self.take_seat() || registry.sleep.is_terminating()) {
                    if self.work_off(&mut searching) {
                        linger = Linger::new();
                    }
                } else if self.desk.thief.may_ask() {
                    registry.ask_all();
                }
                if !linger.again() {
                    break;
                }
            }
            if registry.sleep.is_terminating() && !registry.has_work() {
                registry.sleep.end_search(&**registry);
                return;
            }
            searching = self.rest(parker);
        }
    }

    /// Works, in a seat, as long as there is something to do. A worker that searches before does so afterwards. True if
    /// anything was worth it.
    fn work_off(&self, searching: &mut bool) -> bool {
        let registry = self.registry;
        let mut worth_it = false;
        // What the last task belonged to counts us as active until the next one has begun: its owner, who
        // waits, need not wake to see to the rest.
        let mut last = Active::nobody();
        while let Some((active, worth)) = self.work(|| {
            if std::mem::take(searching) {
                self.slot().set_busy(true);
                registry.sleep.end_search(&**registry);
            }
            last.release();
        }) {
            last = active;
            worth_it |= worth;
        }
        // Searching before it is no longer active, so that its owner always sees one of the two.
        if !*searching {
            self.slot().set_busy(false);
            registry.sleep.begin_search();
            *searching = true;
        }
        last.release();
        self.give_seat_back();
        worth_it
    }

    /// Runs what only this worker may run, in a seat if there is one: nobody else could do it meanwhile. A worker that searches
    /// before does so afterwards.
    fn answer_calls(&self, searching: &mut bool) {
        let registry = self.registry;
        self.take_seat();
        while !registry.is_forked()
            && let Some(mut share) = registry.lanes.pop_call(self.desk.index)
        {
            if std::mem::take(searching) {
                registry.sleep.end_search(&**registry);
            }
            if let Some(claim) = share.try_start(Some(self.index())) {
                drop(self.run_claim(claim));
            }
        }
        if !*searching {
            registry.sleep.begin_search();
            *searching = true;
        }
        self.give_seat_back();
    }

    /// Runs what only this worker may run and whatever it waits for may depend on: a share of a broadcast that was made inside the
    /// pool. For threads that wait; false if there is none.
    pub(super) fn answer_call(&self) -> bool {
        let registry = self.registry;
        if !registry.lanes.any() || self.desk.index >= registry.workers {
            return false;
        }
        let lane = Lane::Calls(self.desk.index, Caller::Inside);
        let Some(mut share) = registry.lanes.pop(lane) else {
            return false;
        };
        if let Some(claim) = share.try_start(Some(self.index())) {
            drop(self.run_claim(claim));
        }
        true
    }

    /// Sleeps after a search in vain. Returns whether the worker counts as searching again.
    ///
    /// While others work, one sleeper *watches*: it naps, and looks for forks at every heartbeat, so that an offer need
    /// wake nobody. A watch in vain ends after a while; then the next offer wakes somebody.
    fn rest(&self, parker: &'static Parker) -> bool {
        const BEATS: u32 = 32;
        let registry = &**self.registry;
        let sleep = &registry.sleep;
        let rest = |nap| sleep.rest(self.desk.index, parker, nap, registry);
        if sleep.begin_watch() {
            let mut found = None;
            for _ in 0..BEATS {
                found = match rest(Some(registry.forking.heartbeat)) {
                    Rested::Chosen => Some(true),
                    Rested::Found => Some(false),
                    Rested::TimedOut => {
                        sleep.begin_search();
                        self.beat().then_some(true)
                    }
                };
                if found.is_some() || sleep.is_terminating() || !sleep.is_active() {
                    break;
                }
            }
            sleep.end_watch(registry);
            if let Some(searching) = found {
                return searching;
            }
        }
        self.slot().counters.parked.bump();
        let chosen = rest(None) == Rested::Chosen;
        if chosen {
            self.slot().counters.woken.bump();
        }
        chosen
    }

    /// The look around at a heartbeat. True if there is work.
    fn beat(&self) -> bool {
        self.slot().counters.beats.bump();
        let found = self.sees_work();
        if !found {
            self.registry.ask_all();
        }
        found
    }
}
