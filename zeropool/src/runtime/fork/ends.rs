#![allow(unsafe_code)] // Fences: turning what a fork deque held back into a job.
//! Where a thread's forks are on offer, and its switch between offering and not.
//!
//! Each desk has a fork deque and a flag beside it, *quiet*. A join looks at the flag alone: while it is set, joins
//! are plain calls, but for those whose arms are known to be long. The owner sets it when a few forks are on offer: the oldest it has,
//! usually the largest, and everything below them runs at the speed of plain code. The flag is cleared
//!
//! * by the owner when the fork came back to it and nothing else is on offer, unless offering has not paid lately
//!   (`tokens.rs`): then it stays set, and the owner is *paused*;
//! * by a thief, when it has taken the fork, so that the next join makes another offer;
//! * by a thread that looks for work and finds nothing on offer: it *asks*.
//!
//! # Why a thief's clearing is not overwritten
//!
//! ```text
//!      owner                           thief
//!      push                            top: t → t + 1 (SeqCst)
//!   O1 quiet = true                 T1 quiet = false (SeqCst)
//!      fence(SeqCst)
//!   O2 top == t ?
//! ```
//!
//! If the owner still reads `top == t` at O2, its fence comes before the thief's exchange in the total order, hence
//! before T1, and so O1 comes before T1 in the order of the flag's values: the flag ends up clear. Otherwise the owner
//! clears it itself. Asking has the same shape: whoever asks has made itself known before, and the owner looks for it after
//! its fence (`sleep.md`).

use super::job::StolenFork;
use super::tokens::{Price, Tokens};
use crate::queue::{
    Item,
    deque::{self, Steal},
};
use crate::runtime::sleep::Sleep;
use crate::sync::{
    AtomicU8,
    Ordering::{Relaxed, SeqCst},
    fence_in_loom,
};
use crate::task::latch::Executing;
use crossbeam_utils::CachePadded;
use std::sync::Arc;
use std::time::Duration;

/// A join makes an offer if what is known of its place (`site.rs`) scores at least as much as the flag says.
const LOUD: u8 = 0;
/// So many forks of a thread are on offer before it is quiet. The oldest of them are the largest; a few, so that others find
/// more of them when they come back, or are many. Models see enough with one.
const ON_OFFER: usize = if cfg!(zeropool_loom) { 1 } else { 4 };

/// Only where arms are known to be long.
pub(super) const QUIET: u8 = 4;

/// The owner's end.
#[derive(Debug)]
pub(in crate::runtime) struct Forks {
    deque: deque::Owner,
    quiet: Arc<CachePadded<AtomicU8>>,
    pub(super) tokens: Tokens,
}

/// The other threads' end.
#[derive(Debug)]
pub(in crate::runtime) struct ForkStealer {
    deque: deque::Stealer,
    quiet: Arc<CachePadded<AtomicU8>>,
}

/// The answer to a look at a fork deque.
#[must_use]
pub(in crate::runtime) enum Stolen {
    Nothing,
    /// Another thread was faster; there may be more.
    Retry,
    Job(StolenFork),
}

impl Forks {
    pub(in crate::runtime) fn new() -> (Self, ForkStealer) {
        let (owner, stealer) = deque::deque(64);
        let quiet = Arc::new(CachePadded::new(AtomicU8::new(LOUD)));
        let stealer = ForkStealer {
            deque: stealer,
            quiet: Arc::clone(&quiet),
        };
        let owner = Self {
            deque: owner,
            quiet,
            tokens: Tokens::new(),
        };
        (owner, stealer)
    }

    /// The flag that joins look at.
    pub(in crate::runtime) fn quiet(&self) -> &AtomicU8 {
        &self.quiet
    }

    /// About how long the owner has spent on offers, while others looked at them.
    pub(in crate::runtime) fn time_spent(&self) -> Duration {
        const CONTENDED: Duration = Duration::from_nanos(100);
        CONTENDED.saturating_mul(self.tokens.offers())
    }

    /// Joins make offers again.
    pub(in crate::runtime) fn resume(&self) {
        self.quiet.store(LOUD, Relaxed);
    }

    /// Puts a fork on offer. The caller then issues a `SeqCst` fence, looks for sleepers, and calls
    /// [`Forks::resume_if_taken`].
    pub(super) fn offer(&self, item: Item) {
        self.deque.push_newest(item);
        if self.deque.len() >= ON_OFFER {
            // Ordering: Relaxed; see the race drawn above.
            self.quiet.store(QUIET, Relaxed);
        }
    }

    /// The second half of an offer.
    pub(super) fn resume_if_taken(&self) {
        #[cfg(not(zeropool_broken = "fork_no_second_look"))]
        if self.deque.len() < ON_OFFER {
            self.resume();
        }
    }

    /// Lets one join below make an offer too, now and then: places that lie below small forks only would never be timed
    /// otherwise.
    pub(super) fn probe(&self) {
        // Ordering: Relaxed; a thief that clears the flag meanwhile wants the same.
        if self.quiet.load(Relaxed) != LOUD && self.tokens.probes() {
            self.resume();
        }
    }

    /// Takes the newest fork back.
    pub(super) fn take_back(&self) -> Option<Item> {
        self.deque.pop_newest()
    }

    /// After [`Forks::take_back`]: nobody took the fork. Later joins make offers again if nothing else is on offer, and if
    /// offering pays. True if the thread pauses instead.
    pub(super) fn returned(&self, price: Price, sleep: &Sleep, executing: &Executing) -> bool {
        self.tokens.pay(price);
        if self.deque.len() > 0 {
            return false;
        }
        let pauses = self.tokens.have_not_lasted() && {
            // In this order: `may_pause` has the fence after which a waiter that wants forks is seen. Whoever asks after that
            // sees the flag set.
            self.quiet.store(QUIET, Relaxed);
            sleep.may_pause()
                && (cfg!(zeropool_broken = "fork_pause_unseen") || !executing.is_wanted())
        };
        if !pauses {
            self.resume();
        }
        pauses
    }
}

impl ForkStealer {
    pub(in crate::runtime) fn is_empty(&self) -> bool {
        self.deque.is_empty()
    }

    /// Names the oldest fork, if there is one, by a number that is not used again.
    pub(in crate::runtime) fn oldest(&self) -> Option<u64> {
        self.deque.oldest()
    }

    /// The oldest fork.
    pub(in crate::runtime) fn steal_oldest(&self) -> Stolen {
        self.stolen(self.deque.steal_oldest())
    }

    /// The oldest fork if it was made by the execution with this number.
    pub(in crate::runtime) fn steal_oldest_of(&self, execution: u64) -> Stolen {
        self.stolen(self.deque.steal_oldest_tagged(execution))
    }

    /// Asks the owner for offers, if it makes none and has none.
    pub(in crate::runtime) fn ask(&self) {
        // Ordering: Relaxed; who needs certainty has a fence before this look.
        if self.quiet.load(Relaxed) != LOUD && self.is_empty() {
            self.clear();
        }
    }

    fn clear(&self) {
        // Ordering: SeqCst, T1 of the race drawn above.
        fence_in_loom();
        self.quiet.store(LOUD, SeqCst);
    }

    fn stolen(&self, steal: Steal) -> Stolen {
        match steal {
            Steal::Empty => Stolen::Nothing,
            Steal::Retry => Stolen::Retry,
            Steal::Taken(item) => {
                self.clear();
                // SAFETY: 1. fork deques hold only what `offer` put there, which is items of jobs.
                Stolen::Job(unsafe { StolenFork::from_item(item) })
            }
        }
    }
}
