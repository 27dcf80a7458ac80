//! How a thread waits: it helps only with what it waits for.
//!
//! A thread that waits for an execution may take exactly the forks that carry its number: they are part of what it
//! waits for, and nothing else is (leapfrogging: Wagner and Calder, PPoPP 1993, doi 10.1145/155332.155354). It may also take forks
//! of the execution that *that* thread waits for at the moment, which its slot publishes in `waits_on`. The value is one of
//! the innermost execution there, so it is part of the awaited one as long as that runs; the awaited latch was still
//! open after reading it, so it did.

use super::current;
use super::desk::{Slot, slot_index_of};
use super::fork::{Stolen, StolenFork};
use super::worker::{Linger, Worker};
use crate::sync::{
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    Parker, fence,
};
use crate::task::latch::Latch;

/// How many stolen forks a waiting thread may have on top of each other. Each lies deeper in the stack than its
/// thief's wait, as it would in a sequential run; the cap bounds what the waits themselves add.
const STEAL_DEPTH_MAX: u32 = 128;

impl Worker<'_> {
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
        let mut linger = Linger::new();
        while !latch.is_done() {
            let awaited = latch.execution();
            if slot.waits_on.load(Relaxed) != awaited && awaited != 0 {
                // Ordering: Release pairs with the Acquire in `steal_part_of`.
                slot.waits_on.store(awaited, Release);
            }
            match self.steal_part_of(latch) {
                Stolen::Job(fork) => {
                    self.help(fork);
                    linger = Linger::new();
                    continue;
                }
                Stolen::Retry => continue,
                Stolen::Nothing => {}
            }
            if linger.again() {
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
        let Some(slot) = self.slot_of(awaited) else {
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
        match self.slot_of(deeper) {
            Some(slot) => slot.forks.steal_oldest_of(deeper),
            None => Stolen::Nothing,
        }
    }

    fn slot_of(&self, execution: u64) -> Option<&Slot> {
        let slot = self.registry.slots.get(slot_index_of(execution)?)?;
        Some(slot)
    }
}
