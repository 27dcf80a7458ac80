//! When a thread that looks for work takes a fork, and how often it asks for one.
//!
//! Taking a fork costs both sides some hundreds of nanoseconds: cache lines change hands, and the owner waits for what it
//! could have done itself. What a fork holds cannot be seen, but its age can: the other arm of the same join has
//! been running for so long, so this one is likely worth as much. A thief takes forks that have been on offer for a
//! moment. If one turns out small all the same, it holds off for a while, and twice as long the next time, up to a heartbeat;
//! an eighth as long after one that does not, and not at all after a large one.
//!
//! Tasks on other threads' deques are taken at once: whoever spawns one thinks it worth the trouble. But a thread that spawns many
//! tiny ones, or runs them, is faster alone. So while its deque moves, a thief holds off for a while after a task that turned out
//! tiny, and twice as long after the next. Tiny tasks are over before their owner has moved on, so what counts is how far the deque has
//! moved since this thief's last task from there. A deque that nobody is at is emptied as fast as it goes.

use super::registry::Registry;
use crate::task::queues::SpawnStealer;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// A fork has to be on offer for so long.
pub(super) const RIPE: Duration = Duration::from_nanos(500);

/// A fork that takes less than this was not worth taking.
const SMALL: Duration = Duration::from_micros(3);

/// After a fork that takes this long, a thief does not hold off at all.
const LARGE: Duration = Duration::from_micros(12);

/// A task that takes less is tiny: to run it elsewhere costs its spawner more.
const TINY: Duration = Duration::from_nanos(300);

/// How long a thief leaves tasks alone at most.
const TASK_HOLD_OFF_MAX: Duration = Duration::from_micros(64);

/// A thief that has seen no tiny task for so long begins with the shortest time again.
const TASK_MEMORY: Duration = Duration::from_millis(1);

/// How long a thief holds off at first, and how long it waits between the first questions.
const HOLD_OFF_MIN: Duration = Duration::from_micros(1);

/// A thread is at its deque if it puts a task there, or takes one, at least so often.
const AT_IT: Duration = Duration::from_micros(1);

/// A look at another thread's deque of tasks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    slot: usize,
    /// The index of the next task there.
    next: u64,
    at: Instant,
}

impl Sight {
    pub(super) fn of(slot: usize, spawns: &SpawnStealer) -> Self {
        Self {
            slot,
            next: spawns.next(),
            at: Instant::now(),
        }
    }

    /// Has the deque's owner been at it from this look to a later one? What it puts there and takes back in between is not seen.
    fn is_at_it(self, later: Self) -> bool {
        let moved = later.next.abs_diff(self.next);
        let micros = (later.at - self.at).div_duration_f64(AT_IT);
        moved > 0 && moved as f64 >= micros
    }
}

/// What one thread knows about forks elsewhere.
#[derive(Debug)]
pub(super) struct Thief {
    /// The forks it has in view: where, which, since when. A thread that waits may look at two places by turns.
    seen: [Cell<Option<(usize, u64, Instant)>>; 2],
    /// No fork is taken, and nobody asked, before this.
    not_before: Cell<Option<Instant>>,
    hold_off: Cell<Duration>,
    /// The same for tasks of other threads.
    no_task_before: Cell<Option<Instant>>,
    task_hold_off: Cell<Duration>,
    /// The deque that the last one came from, when it had run.
    last_task: Cell<Option<Sight>>,
    /// When it may ask next, and how long after that again.
    next_question: Cell<Option<Instant>>,
    question_gap: Cell<Duration>,
}

impl Thief {
    pub(super) fn new() -> Self {
        Self {
            seen: [const { Cell::new(None) }; 2],
            not_before: Cell::new(None),
            hold_off: Cell::new(Duration::ZERO),
            no_task_before: Cell::new(None),
            task_hold_off: Cell::new(Duration::ZERO),
            last_task: Cell::new(None),
            next_question: Cell::new(None),
            question_gap: Cell::new(HOLD_OFF_MIN),
        }
    }

    /// The fork that was looked at last in the first view: where, and which.
    pub(super) fn in_view(&self) -> Option<(usize, u64)> {
        self.seen[0].get().map(|(slot, fork, _)| (slot, fork))
    }

    /// Is the fork in the first view still on offer, and to be taken once it has ripened?
    pub(super) fn waits_for_fork(&self, registry: &Registry) -> bool {
        let on_offer = |(at, fork): (usize, u64)| registry.slots[at].forks.oldest() == Some(fork);
        self.in_view().is_some_and(on_offer) && !self.holds_off(Instant::now())
    }

    /// Is it time to take this fork, the oldest of a slot? There are two views, 0 and 1.
    pub(super) fn is_ripe(&self, view: usize, slot: usize, fork: u64) -> bool {
        let now = Instant::now();
        if self.holds_off(now) {
            return false;
        }
        match self.seen[view].get() {
            Some((at, which, since)) if (at, which) == (slot, fork) => {
                now.duration_since(since) >= RIPE
            }
            _ => {
                self.seen[view].set(Some((slot, fork, now)));
                false
            }
        }
    }

    /// A fork was taken and has run for `time`. True if it was worth it.
    pub(super) fn has_run(&self, time: Duration, heartbeat: Duration) -> bool {
        let worth_it = time >= SMALL;
        let before = self.hold_off.get();
        // One that was just worth it does not make all the next ones so.
        let hold_off = if time >= LARGE {
            Duration::ZERO
        } else if worth_it {
            before / 8
        } else {
            (before * 2).clamp(HOLD_OFF_MIN, heartbeat)
        };
        if hold_off < HOLD_OFF_MIN {
            self.hold_off.set(Duration::ZERO);
            self.not_before.set(None);
            self.be_curious();
        } else {
            self.hold_off.set(hold_off);
            self.not_before.set(Some(Instant::now() + hold_off));
        }
        worth_it
    }

    /// A task of another thread was taken, and has run between these two looks at that thread's deque.
    pub(super) fn has_run_task(&self, before: Sight, after: Sight) {
        let last = self.last_task.replace(Some(after));
        let last = last.filter(|last| last.slot == after.slot);
        if after.at - before.at >= TINY {
            self.hold_off_no_tasks();
        } else if before.is_at_it(after) || last.is_some_and(|last| last.is_at_it(after)) {
            self.hold_off_tasks(after.at);
        } else if last.is_some() {
            self.hold_off_no_tasks();
        }
        // Else it is the first from there, and nothing is known.
    }

    fn hold_off_no_tasks(&self) {
        self.task_hold_off.set(Duration::ZERO);
        self.no_task_before.set(None);
    }

    fn hold_off_tasks(&self, now: Instant) {
        let forgotten = self
            .no_task_before
            .get()
            .is_none_or(|before| now > before + TASK_MEMORY);
        let hold_off = if forgotten {
            HOLD_OFF_MIN
        } else {
            (self.task_hold_off.get() * 2).clamp(HOLD_OFF_MIN, TASK_HOLD_OFF_MAX)
        };
        self.task_hold_off.set(hold_off);
        self.no_task_before.set(Some(now + hold_off));
    }

    /// Does it leave other threads' tasks alone for the moment?
    pub(super) fn holds_off_tasks(&self) -> bool {
        self.no_task_before
            .get()
            .is_some_and(|before| Instant::now() < before)
    }

    /// Were the last forks worth it?
    pub(super) fn is_eager(&self) -> bool {
        self.hold_off.get().is_zero()
    }

    /// The first questions may follow each other quickly again.
    pub(super) fn be_curious(&self) {
        self.next_question.set(None);
        self.question_gap.set(HOLD_OFF_MIN);
    }

    /// Is it time to ask the others for offers? Twice as long from one time to the next.
    pub(super) fn may_ask(&self) -> bool {
        let now = Instant::now();
        if self.holds_off(now) || self.next_question.get().is_some_and(|next| now < next) {
            return false;
        }
        let gap = self.question_gap.get();
        self.next_question.set(Some(now + gap));
        self.question_gap.set(gap * 2);
        true
    }

    fn holds_off(&self, now: Instant) -> bool {
        self.not_before.get().is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests;
