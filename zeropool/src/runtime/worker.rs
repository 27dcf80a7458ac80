#![allow(unsafe_code)] // Fences: the latch of the running execution, and desks on loan, named by address.
//! A thread at work: what it owns, where it looks for work, how it waits.
//!
//! **Executions.** Whenever a thread begins a stolen fork or a task, that execution gets a number that is never
//! used again; its high bits say at which slot it runs. Forks carry the number of the execution that made them.
//! A thread that waits for an execution may take exactly the forks that carry its number: they are part of what
//! it waits for, and nothing else is (leapfrogging: Wagner and Calder, PPoPP 1993, doi 10.1145/155332.155354). It may
//! also take forks of the execution that *that* execution waits for at the moment, which its slot publishes in
//! `waits_on`: since the awaited latch was still open after reading it, that one is part of it too.

use super::current;
use super::fork::{ForkStealer, Forks, Stolen, StolenFork};
use super::registry::Registry;
use crate::sync::{
    AtomicPtr, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
    Parker, fence, spin_loop, thread,
};
use crate::task::Context;
use crate::task::block::{Claim, TaskRef};
use crate::task::latch::{Executing, Latch};
use crate::task::queues::{SpawnStealer, Spawns};
use crossbeam_utils::{Backoff, CachePadded};
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

/// How many stolen forks a waiting thread may have on top of each other. Each lies deeper in the stack than its
/// thief's wait, as it would in a sequential run; the cap bounds what the waits themselves add.
const STEAL_DEPTH_MAX: u32 = 128;

/// Looks a waiting or idle thread takes before it sleeps: a few spinning, the rest yielding. About 20 µs on the
/// machine this was written on, if nothing else wants the processor.
const LINGER_ROUNDS: u32 = if cfg!(miri) { 2 } else { 48 };

const SLOT_SHIFT: u32 = 48;

/// What a thread owns while it works for a pool. Worker threads have one for life, others lease one.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(super) index: usize,
    pub(super) forks: Forks,
    pub(super) spawns: Spawns,
    /// The innermost execution of this thread; what its forks are tagged with.
    pub(super) execution: Cell<u64>,
    next_execution: Cell<u64>,
    executing: Executing,
    steal_depth: Cell<u32>,
    pub(super) seated: Cell<bool>,
    random: Cell<u64>,
}

/// What the other threads see of a desk.
pub(crate) struct Slot {
    pub(super) forks: ForkStealer,
    pub(super) spawns: SpawnStealer,
    /// The execution that the thread waits for, or 0.
    waits_on: AtomicU64,
    desk: DeskCell,
}

/// A place for one desk while no thread has it.
#[derive(Debug)]
struct DeskCell(
    /// Null, or a boxed desk that this cell owns.
    AtomicPtr<Desk>,
);

impl DeskCell {
    fn take(&self) -> Option<Box<Desk>> {
        // A look first spares a full cell's readers the exchange of an empty one.
        if self.0.load(Relaxed).is_null() {
            return None;
        }
        // Ordering: Acquire pairs with the Release in `put`: the former holder's use of the desk is over.
        let desk = self.0.swap(ptr::null_mut(), Acquire);
        // SAFETY: not null, it came from `Box::into_raw` in `put`, and the swap made it ours alone.
        (!desk.is_null()).then(|| unsafe { Box::from_raw(desk) })
    }

    fn put(&self, desk: Box<Desk>) {
        // Ordering: Release publishes the holder's use of the desk to the next one; Acquire for the box that would be
        // dropped here if there were one.
        let former = self.0.swap(Box::into_raw(desk), AcqRel);
        debug_assert!(former.is_null(), "a desk came back twice");
    }
}

impl Drop for DeskCell {
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl Slot {
    /// The desk of this slot, unless a thread has it.
    pub(super) fn take_desk(&self) -> Option<Box<Desk>> {
        self.desk.take()
    }

    /// Gives the desk of this slot back.
    pub(super) fn put_desk(&self, desk: Box<Desk>) {
        self.desk.put(desk);
    }
}

impl Desk {
    pub(super) fn new(index: usize) -> CachePadded<Slot> {
        let (forks, fork_stealer) = Forks::new();
        let (spawns, spawn_stealer) = Spawns::new();
        let desk = Box::new(Self {
            index,
            forks,
            spawns,
            execution: Cell::new(0),
            next_execution: Cell::new((index as u64 + 1) << SLOT_SHIFT | 1),
            executing: Executing::new(),
            steal_depth: Cell::new(0),
            seated: Cell::new(false),
            random: Cell::new(index as u64 * 2 + 1),
        });
        CachePadded::new(Slot {
            forks: fork_stealer,
            spawns: spawn_stealer,
            waits_on: AtomicU64::new(0),
            desk: DeskCell(AtomicPtr::new(Box::into_raw(desk))),
        })
    }

    /// xorshift64 (Marsaglia 2003, doi 10.18637/jss.v008.i14); never 0.
    fn random(&self) -> usize {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.random.set(x);
        x as usize
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
    fn slot(&self) -> &Slot {
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

    /// Runs a claimed task here.
    pub(crate) fn run_claim(&self, task: &TaskRef, claim: Claim<'_>) {
        let mut cx = Context::new(self.registry, Some(*self), Some(task.state()));
        self.execute(task.latch(), || claim.run(&mut cx));
    }

    fn run_fork(&self, fork: StolenFork) {
        let latch: *const Latch = fork.latch();
        self.execute(latch, || fork.run());
    }

    /// Brackets `run`, which ends by completing `latch` (or by settling a task without one).
    fn execute(&self, latch: *const Latch, run: impl FnOnce()) {
        let desk = self.desk;
        let number = desk.next_execution.get();
        desk.next_execution.set(number + 1);
        // SAFETY: the latch is not complete before `run`, and so its owner keeps it alive.
        unsafe { &*latch }.begin(number);
        let outer = desk.execution.replace(number);
        // Inside this execution the thread does not wait yet; what an outer frame waits for is not part of it.
        let slot = self.slot();
        // Ordering: Relaxed load, as only this thread writes it. Release pairs with the Acquire in `steal_part_of`.
        let outer_wait = slot.waits_on.load(Relaxed);
        if outer_wait != 0 {
            slot.waits_on.store(0, Release);
        }
        // SAFETY: 1. forks, which nudge, are made by user code inside `run`, which ends before the latch is completed;
        // `execution` and `executing` are restored right after.
        let outer_latch = unsafe { desk.executing.replace(latch) };
        run();
        desk.executing.restore(outer_latch);
        desk.execution.set(outer);
        if outer_wait != 0 {
            slot.waits_on.store(outer_wait, Release);
        }
    }

    /// Drops the newest entries of this thread's deque that stand for tasks which were claimed elsewhere.
    pub(crate) fn clear_newest_claimed(&self) {
        while let Some(task) = self.desk.spawns.pop_newest() {
            if !task.is_claimed() {
                self.desk.spawns.push_newest(task);
                return;
            }
        }
    }

    fn run(&self, work: Work) {
        match work {
            Work::Fork(fork) => self.run_fork(fork),
            Work::Task(task) => {
                // A task somebody else has claimed is a tombstone: only its reference is left to drop.
                if let Some(claim) = task.try_claim() {
                    self.run_claim(&task, claim);
                }
            }
        }
    }

    /// One look at every place where work may be: other threads' forks (oldest first), the injector, other
    /// threads' spawned tasks.
    fn look_around(&self) -> Option<Work> {
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

    fn search(&self) -> Option<Work> {
        let backoff = Backoff::new();
        for round in 0..LINGER_ROUNDS {
            if let Some(work) = self.look_around() {
                return Some(work);
            }
            if round < 16 {
                backoff.spin()
            } else {
                thread::yield_now()
            }
        }
        None
    }

    /// The life of a worker thread.
    pub(super) fn main_loop(&self, parker: &'static Parker) {
        let registry = self.registry;
        let has_work = || registry.has_work();
        // Whether this worker counts as searching.
        let mut searching = false;
        loop {
            // Draining at the end waits for no seat.
            if self.take_seat() || registry.sleep.is_terminating() {
                if let Some(task) = self.desk.spawns.pop_newest() {
                    if std::mem::take(&mut searching) {
                        registry.sleep.end_search(has_work);
                    }
                    self.run(Work::Task(task));
                    continue;
                }
                if !searching {
                    registry.sleep.begin_search();
                    searching = true;
                }
                if let Some(work) = self.search() {
                    searching = false;
                    registry.sleep.end_search(has_work);
                    self.run(work);
                    continue;
                }
            }
            if registry.sleep.is_terminating() && !registry.has_work() {
                if searching {
                    registry.sleep.end_search(has_work);
                }
                if self.desk.seated.replace(false) {
                    registry.sleep.release_seat(has_work);
                }
                return;
            }
            let seated = self.desk.seated.replace(false);
            searching = registry
                .sleep
                .rest(self.desk.index, parker, seated, searching, has_work);
        }
    }

    /// Waits until `latch` is done. Meanwhile the thread runs only forks that belong to what it waits for; when there
    /// are none it lingers for a moment, then gives its seat back and sleeps.
    pub(crate) fn wait_for(&self, latch: &Latch) {
        if latch.is_done() {
            return;
        }
        let slot = self.slot();
        // Ordering: Relaxed; only this thread writes its slot's word.
        let outer = slot.waits_on.load(Relaxed);
        let parker = Parker::of_this_thread();
        let backoff = Backoff::new();
        let mut rounds = 0;
        while !latch.is_done() {
            let awaited = latch.execution();
            if slot.waits_on.load(Relaxed) != awaited && awaited != 0 {
                // Ordering: Release pairs with the Acquire in `steal_part_of`.
                slot.waits_on.store(awaited, Release);
            }
            match self.steal_part_of(latch) {
                Stolen::Job(fork) => {
                    self.help(fork);
                    rounds = 0;
                    continue;
                }
                Stolen::Retry => continue,
                Stolen::Nothing => {}
            }
            if rounds < LINGER_ROUNDS {
                rounds += 1;
                if rounds < 16 {
                    backoff.spin()
                } else {
                    thread::yield_now()
                }
                continue;
            }
            if latch.register(parker) {
                // Ordering: SeqCst; the waiter's half of the race with `posted_fork`: either the executor's nudge sees
                // us registered, or this look sees its fork.
                fence(SeqCst);
                let found = self.steal_part_of(latch);
                if let Stolen::Nothing = found {
                    current::park(parker, None);
                }
                latch.withdraw(parker);
                if let Stolen::Job(fork) = found {
                    self.help(fork);
                }
            }
        }
        // Ordering: Release, as above.
        slot.waits_on.store(outer, Release);
    }

    fn help(&self, fork: StolenFork) {
        let depth = self.desk.steal_depth.get();
        self.desk.steal_depth.set(depth + 1);
        self.run_fork(fork);
        self.desk.steal_depth.set(depth);
    }

    /// A fork that is part of what completes `latch`.
    fn steal_part_of(&self, latch: &Latch) -> Stolen {
        let awaited = latch.execution();
        if awaited == 0 || self.desk.steal_depth.get() >= STEAL_DEPTH_MAX || !self.take_seat() {
            return Stolen::Nothing;
        }
        let Some(slot) = self.registry.slot_of(awaited) else {
            return Stolen::Nothing;
        };
        match slot.forks.steal_oldest_of(awaited) {
            Stolen::Nothing => {}
            found => return found,
        }
        // Ordering: Acquire pairs with the Release in `wait_for`.
        let deeper = slot.waits_on.load(Acquire);
        // The awaited execution was still running after the read, so `deeper` is part of it. Numbers are
        // never used again, so a fork that carries it is too, whenever it is taken.
        if deeper == 0 || latch.is_done() {
            return Stolen::Nothing;
        }
        match self.registry.slot_of(deeper) {
            Some(slot) => slot.forks.steal_oldest_of(deeper),
            None => Stolen::Nothing,
        }
    }
}

/// The slot at which an execution runs.
pub(super) fn slot_index_of(execution: u64) -> Option<usize> {
    ((execution >> SLOT_SHIFT) as usize).checked_sub(1)
}
