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

/// Which forks to take.
#[derive(Debug, Clone, Copy)]
enum Choice {
    /// Those that it is time to take (`thief.rs`).
    Ripe,
    Any,
}

impl Worker<'_> {
    /// Waits until `latch` is done. Meanwhile the thread runs only forks that belong to what it waits for; when there
    /// are none it lingers for a moment, then gives its seat back and sleeps. An offer wakes it; if that was not worth it, it naps
    /// from heartbeat to heartbeat for some time, so that many small offers do not each pay for waking it.
    pub(crate) fn wait_for(&self, latch: &Latch) {
        const BEATS: u32 = 32;
        if latch.is_done() {
            return;
        }
        let slot = self.slot();
        let thief = &self.desk.thief;
        // Ordering: Relaxed; only this thread writes its slot's word.
        let outer = slot.waits_on.load(Relaxed);
        let parker = Parker::of_this_thread();
        let heartbeat = self.registry.forking.heartbeat;
        let mut linger = Linger::new();
        let mut beats = 0;
        thief.be_curious();
        while !latch.is_done() {
            let awaited = latch.execution();
            if slot.waits_on.load(Relaxed) != awaited && awaited != 0 {
                // Ordering: Release pairs with the Acquire in `steal_part_of`.
                slot.waits_on.store(awaited, Release);
            }
            let found = self.steal_part_of(latch, Choice::Ripe);
            match found {
                Stolen::Job(fork) => {
                    if self.help(fork) {
                        (linger, beats) = (Linger::new(), 0);
                    }
                    continue;
                }
                Stolen::Retry => continue,
                Stolen::Nothing => {}
            }
            if thief.may_ask() {
                self.ask_for_part_of(latch);
            }
            if linger.again() {
                continue;
            }
            if !latch.register(parker) {
                break;
            }
            let wakeful = beats == 0;
            latch.want_forks(wakeful);
            let found = if wakeful {
                // Ordering: SeqCst; the waiter's half of the race with `offered`: either the executor's nudge sees
                // us registered, or this look sees its fork. Asking comes after the fence too: an executor that did not see us is
                // seen to be quiet (`fork/offers.rs`).
                fence(SeqCst);
                self.ask_for_part_of(latch);
                self.steal_part_of(latch, Choice::Any)
            } else {
                Stolen::Nothing
            };
            if let Stolen::Nothing = found {
                current::park(parker, (!wakeful).then_some(heartbeat));
            }
            latch.withdraw(parker);
            beats = if wakeful { BEATS } else { beats - 1 };
            if let Stolen::Job(fork) = found {
                self.help(fork);
            }
            if wakeful {
                linger = Linger::new();
            } else {
                self.ask_for_part_of(latch);
            }
        }
        // Ordering: Release, as above.
        slot.waits_on.store(outer, Release);
    }

    /// Runs a fork while waiting. True if it was worth it.
    fn help(&self, fork: StolenFork) -> bool {
        let depth = self.desk.steal_depth.get();
        self.desk.steal_depth.set(depth + 1);
        let worth_it = self.run_fork(fork);
        self.desk.steal_depth.set(depth);
        worth_it
    }

    /// Asks whoever works on `latch` for offers.
    fn ask_for_part_of(&self, latch: &Latch) {
        if let Some(slot) = self.slot_of(latch.execution()) {
            slot.forks.ask();
        }
    }

    /// A fork that is part of what completes `latch`.
    fn steal_part_of(&self, latch: &Latch, choice: Choice) -> Stolen {
        let awaited = latch.execution();
        if awaited == 0 || self.desk.steal_depth.get() >= STEAL_DEPTH_MAX || !self.take_seat() {
            return Stolen::Nothing;
        }
        match self.steal_of(awaited, choice) {
            Stolen::Nothing => {}
            found => return found,
        }
        let Some(slot) = self.slot_of(awaited) else {
            return Stolen::Nothing;
        };
        // Ordering: Acquire pairs with the Release in `wait_for`.
        let deeper = slot.waits_on.load(Acquire);
        // The awaited execution was still running after the read, so `deeper` is part of it. Numbers are
        // never used again, so a fork that carries it is too, whenever it is taken.
        if deeper == 0 || latch.is_done() {
            return Stolen::Nothing;
        }
        self.steal_of(deeper, choice)
    }

    /// The oldest fork where `execution` runs, if it belongs to it.
    fn steal_of(&self, execution: u64, choice: Choice) -> Stolen {
        let Some((at, slot)) =
            slot_index_of(execution).and_then(|at| Some((at, self.registry.slots.get(at)?)))
        else {
            return Stolen::Nothing;
        };
        let taken = match choice {
            Choice::Any => true,
            Choice::Ripe => slot
                .forks
                .oldest()
                .is_some_and(|fork| self.desk.thief.is_ripe(at, fork)),
        };
        if taken {
            slot.forks.steal_oldest_of(execution)
        } else {
            Stolen::Nothing
        }
    }

    fn slot_of(&self, execution: u64) -> Option<&Slot> {
        let slot = self.registry.slots.get(slot_index_of(execution)?)?;
        Some(slot)
    }
}
