//! How a thread waits: it helps only with what it waits for.
//!
//! A thread that waits for an execution may take exactly the forks that carry its number: they are part of what it
//! waits for, and nothing else is (leapfrogging: Wagner and Calder, PPoPP 1993, doi 10.1145/155332.155354). It may also take forks
//! of the execution that *that* thread waits for at the moment, which its slot publishes in `waits_on`. The value is one of
//! the innermost execution there, so it is part of the awaited one as long as that runs; the awaited latch was still
//! open after reading it, so it did.
//!
//! A worker also runs, while it waits, its share of a broadcast that was made inside the pool: only this worker can, and what it
//! waits for may be waiting for that broadcast.

use super::current;
use super::desk::{Slot, slot_index_of};
use super::fork::{Stolen, StolenFork};
use super::thief::RIPE;
use super::worker::{Linger, Worker};
use crate::sync::{
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    Parker, fence, spin_loop,
};
use crate::task::latch::Latch;
use std::time::Instant;

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
    /// Waits until `latch` is done; returns before in the child of a fork. Meanwhile the thread runs only forks that belong to what it waits for; when there
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
        let begun = (Instant::now(), self.desk.waited.get());
        thief.be_curious();
        // In the child of a fork, nobody will complete what another thread has begun.
        while !latch.is_done() && !self.registry.is_forked() {
            // The wait may depend on a broadcast. Whoever makes one wakes us, and this look comes after every sleep.
            if self.answer_call() {
                linger = Linger::new();
                continue;
            }
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
            if !self.take_seat() {
                self.sleep_for_seat(parker);
                latch.withdraw(parker);
                linger = Linger::new();
            } else if beats == 0 {
                latch.want_forks(true);
                // Ordering: SeqCst; the waiter's half of two races. Of the one with `offered`: either the executor's nudge
                // sees us, or we see its fork. Of the one with its pausing (`fork/join.rs`): either it sees us and goes on
                // offering, or we see it quiet and ask. It may be quiet because of the fork we see; then we take that.
                fence(SeqCst);
                self.ask_for_part_of(latch);
                let found = self.steal_part_of(latch, Choice::Any);
                if let Stolen::Nothing = found {
                    slot.counters.parked.bump();
                    current::park(parker, None);
                }
                latch.withdraw(parker);
                let worth_it = match found {
                    Stolen::Job(fork) => self.help(fork),
                    Stolen::Retry | Stolen::Nothing => false,
                };
                beats = if worth_it { 0 } else { BEATS };
                linger = Linger::new();
            } else {
                latch.want_forks(false);
                slot.counters.beats.bump();
                current::park(parker, Some(heartbeat));
                latch.withdraw(parker);
                beats -= 1;
                if self.beat_for(latch) {
                    (linger, beats) = (Linger::new(), 0);
                }
            }
        }
        // Waits inside helped forks are part of this one.
        self.desk.waited.set(begun.1 + begun.0.elapsed());
        // Ordering: Release, as above.
        slot.waits_on.store(outer, Release);
    }

    /// Sleeps until unparked. A thread that has no seat can help with nothing; it is woken when one comes free, too.
    fn sleep_for_seat(&self, parker: &'static Parker) {
        let sleep = &self.registry.sleep;
        sleep.want_seat(self.desk.index);
        if !self.take_seat() {
            self.slot().counters.parked.bump();
            current::park(parker, None);
        }
        if sleep.stop_wanting_seat(self.desk.index) && !self.take_seat() {
            sleep.pass_seat_on();
        }
    }

    /// The look at a heartbeat: takes a fork that stays on offer long enough, else asks for one. True if that was worth it.
    fn beat_for(&self, latch: &Latch) -> bool {
        let begun = Instant::now();
        while !latch.is_done() && begun.elapsed() < 2 * RIPE {
            if let Stolen::Job(fork) = self.steal_part_of(latch, Choice::Ripe) {
                return self.help(fork);
            }
            spin_loop();
        }
        self.ask_for_part_of(latch);
        false
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
        match self.steal_of(0, awaited, choice) {
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
        self.steal_of(1, deeper, choice)
    }

    /// The oldest fork where `execution` runs, if it belongs to it.
    fn steal_of(&self, view: usize, execution: u64, choice: Choice) -> Stolen {
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
                .is_some_and(|fork| self.desk.thief.is_ripe(view, at, fork)),
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
