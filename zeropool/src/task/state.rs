//! One word per task: who may run it, whether it has ended and how, who still wants the result, and how many
//! references hold the block.
//!
//! | bits | name | set by | meaning |
//! |---|---|---|---|
//! | 0 | `CLAIMED` | whoever runs or cancels it, once | nobody else may start it |
//! | 1 | `HANDLE` | at birth; cleared by the handle | a handle may still take the result |
//! | 2 | `ENDED` | the claimer, once | the outcome below is final and its value written |
//! | 3, 4 | `VALUE`, `PANIC` | with `ENDED` | what lies in the block; neither: cancelled |
//! | 5 | `CANCEL_ASKED` | the handle | a running task may look at it |
//! | 6 | `AT_HOME` | at birth | it lies in its scope's home deque only, and in no list of the scope's (`runtime/scope.rs`) |
//! | 8.. | references | | queue entry, scope list, handle |
//!
//! Whoever takes an entry out of a queue has that reference to itself. If it is the only one left ([`State::is_sole`]), nobody
//! else can touch the word or the block any more, and no exchange is needed to claim the task, to settle it, or to free it.

use crate::sync::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};

const CLAIMED: u32 = 1;
const HANDLE: u32 = 1 << 1;
const ENDED: u32 = 1 << 2;
const VALUE: u32 = 1 << 3;
const PANIC: u32 = 1 << 4;
const CANCEL_ASKED: u32 = 1 << 5;
const AT_HOME: u32 = 1 << 6;
const REFERENCE: u32 = 1 << 8;

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It returned; the value is in the block.
    Value,
    /// It panicked; the payload is in the block.
    Panic,
    /// It never started; the block is empty.
    Cancelled,
}

/// Whose duty the outcome is now.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// A handle is alive and will take or drop it.
    HandleTakes,
    /// No handle is left: the caller drops it.
    CallerDrops,
}

/// What a handle leaves behind.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// The task will do without it, and the handle's reference is given up. True: it was the last one, and the caller frees
    /// the block.
    Unended(bool),
    /// The task had ended, and the outcome is the caller's to drop, who still has the reference.
    Ended(Outcome),
}

/// The word; see the table above.
#[derive(Debug)]
pub(crate) struct State(AtomicU32);

impl State {
    /// A task that waits to be claimed, with a handle and `references` references (the handle's included).
    pub(crate) fn new(references: u32) -> Self {
        Self(AtomicU32::new(HANDLE | (references * REFERENCE)))
    }

    /// As [`State::new`], for a task that is at home.
    pub(crate) fn new_at_home(references: u32) -> Self {
        Self(AtomicU32::new(AT_HOME | HANDLE | (references * REFERENCE)))
    }

    pub(crate) fn is_at_home(&self) -> bool {
        // Ordering: Relaxed; it never changes.
        self.0.load(Relaxed) & AT_HOME != 0
    }

    /// True if the caller's reference, a queue entry that it has taken out, is the only one, and nobody has claimed the task.
    /// The task and the block are then the caller's alone.
    #[must_use]
    pub(crate) fn is_sole(&self) -> bool {
        let order = if cfg!(zeropool_broken = "state_sole_relaxed") {
            Relaxed
        } else {
            Acquire
        };
        // Ordering: Acquire pairs with the Release in `leave` and `release`: all that others did with the task is over.
        self.0.load(order) & !(AT_HOME | CANCEL_ASKED) == REFERENCE
    }

    /// One reference more, beside the caller's own.
    pub(crate) fn add_reference(&self) {
        // Ordering: Relaxed; the new reference is published with whatever it goes into.
        self.0.fetch_add(REFERENCE, Relaxed);
    }

    /// Takes the right to run or cancel the task; true for exactly one caller.
    #[must_use]
    pub(crate) fn try_claim(&self) -> bool {
        // The look before the exchange spares tombstones a write.
        if self.is_claimed() {
            return false;
        }
        // Ordering: Acquire orders the claimer's use of the task after its publication; the queue or list it
        // came through has a Release of its own. Release: the cancel flag's reader may follow.
        self.0.fetch_or(CLAIMED, AcqRel) & CLAIMED == 0
    }

    pub(crate) fn is_claimed(&self) -> bool {
        // Ordering: Relaxed; a hint. `try_claim` decides.
        self.0.load(Relaxed) & CLAIMED != 0
    }

    /// The claimer has written the outcome's value.
    pub(crate) fn settle(&self, outcome: Outcome) -> Settled {
        let bits = match outcome {
            Outcome::Value => VALUE,
            Outcome::Panic => PANIC,
            Outcome::Cancelled => 0,
        };
        // Ordering: Release publishes the value to a handle that reads `ENDED` with Acquire; Acquire pairs
        // with the Release in `drop_handle`, so a dropped handle's accesses are over.
        if self.0.fetch_or(ENDED | bits, AcqRel) & HANDLE == 0 {
            Settled::CallerDrops
        } else {
            Settled::HandleTakes
        }
    }

    /// How it ended, if it has; the value may then be read by the handle.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        // Ordering: Acquire pairs with the Release in `settle`.
        outcome_of(self.0.load(Acquire))
    }

    /// The handle goes. `Some`: the task had ended, and its outcome is the caller's to drop.
    #[must_use]
    pub(crate) fn drop_handle(&self) -> Option<Outcome> {
        // Ordering: Release pairs with the Acquire in `settle`; Acquire pairs with its Release, as the caller
        // may now touch the value.
        let before = self.0.fetch_and(!HANDLE, AcqRel);
        debug_assert!(before & HANDLE != 0, "one handle, dropped once");
        outcome_of(before)
    }

    /// The handle goes, and its reference with it, in one exchange if the task has not ended.
    #[inline]
    pub(crate) fn leave(&self) -> Left {
        let mut seen = self.0.load(Relaxed);
        while seen & ENDED == 0 || cfg!(zeropool_broken = "state_leave_blind") {
            debug_assert!(seen & HANDLE != 0, "one handle, dropped once");
            let without = (seen & !HANDLE) - REFERENCE;
            // Ordering: Release pairs with the Acquire in `settle`, `is_sole` and `release`: a dropped handle's accesses are
            // over.
            match self
                .0
                .compare_exchange_weak(seen, without, Release, Relaxed)
            {
                Ok(_) => {
                    let last = without / REFERENCE == 0;
                    if last {
                        // Ordering: Acquire, as in `release`.
                        self.0.load(Acquire);
                    }
                    return Left::Unended(last);
                }
                Err(now) => seen = now,
            }
        }
        match self.drop_handle() {
            Some(outcome) => Left::Ended(outcome),
            None => unreachable!("a task that has ended has an outcome"),
        }
    }

    /// Asks a running task to stop early.
    pub(crate) fn ask_cancel(&self) {
        // Ordering: Relaxed; a flag that carries no data.
        self.0.fetch_or(CANCEL_ASKED, Relaxed);
    }

    pub(crate) fn is_cancel_asked(&self) -> bool {
        // Ordering: Relaxed, as in `ask_cancel`.
        self.0.load(Relaxed) & CANCEL_ASKED != 0
    }

    /// Gives one reference up; true for the last, whose caller frees the block.
    #[must_use]
    pub(crate) fn release(&self) -> bool {
        let acquire = if cfg!(zeropool_broken = "state_no_acquire") {
            Relaxed
        } else {
            Acquire
        };
        // Ordering: Acquire, as below. The only reference: nobody is left to change the word meanwhile.
        if self.0.load(acquire) / REFERENCE == 1 {
            return true;
        }
        // Ordering: Release on every decrement, Acquire on the last: all uses come before the block is freed.
        let before = self.0.fetch_sub(REFERENCE, Release);
        debug_assert!(before >= REFERENCE, "more releases than references");
        let last = before / REFERENCE == 1;
        if last && !cfg!(zeropool_broken = "state_no_acquire") {
            // A load, not a fence, which ThreadSanitizer would not see.
            self.0.load(Acquire);
        }
        last
    }
}

fn outcome_of(word: u32) -> Option<Outcome> {
    if word & ENDED == 0 {
        None
    } else if word & VALUE != 0 {
        Some(Outcome::Value)
    } else if word & PANIC != 0 {
        Some(Outcome::Panic)
    } else {
        Some(Outcome::Cancelled)
    }
}

#[cfg(test)]
mod tests;
