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
    /// The index of the next task there.
    next: u64,
    at: Instant,
}

impl Sight {
    pub(super) fn of(spawns: &SpawnStealer) -> Self {
        Self {
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

/// What one thread knows about the tasks on another thread's deque.
#[derive(Debug)]
struct Victim {
    /// The deque, when the last task from there had run.
    last: Cell<Option<Sight>>,
    /// They are left alone before this.
    not_before: Cell<Option<Instant>>,
    hold_off: Cell<Duration>,
}

impl Victim {
    fn new() -> Self {
        Self {
            last: Cell::new(None),
            not_before: Cell::new(None),
            hold_off: Cell::new(Duration::ZERO),
        }
    }

    fn take_at_once(&self) {
        self.hold_off.set(Duration::ZERO);
        self.not_before.set(None);
    }

    /// Leaves it alone, longer than the last time if that is not long ago. Returns until when.
    fn leave_alone(&self, now: Instant) -> Instant {
        let forgotten = self
            .not_before
            .get()
            .is_none_or(|before| now > before + TASK_MEMORY);
        let hold_off = if forgotten {
            HOLD_OFF_MIN
        } else {
            (self.hold_off.get() * 2).clamp(HOLD_OFF_MIN, TASK_HOLD_OFF_MAX)
        };
        self.hold_off.set(hold_off);
        self.not_before.set(Some(now + hold_off));
        now + hold_off
    }
}

/// Whose tasks a thread leaves alone at the moment.
#[derive(Clone, Copy)]
pub(super) struct LeftAlone<'a> {
    victims: &'a [Victim],
    /// `None` if nobody's.
    now: Option<Instant>,
}

impl LeftAlone<'_> {
    /// Are any?
    pub(super) fn any(self) -> bool {
        self.now.is_some()
    }

    /// Are those of the thread in this slot?
    pub(super) fn has(self, slot: usize) -> bool {
        let before = || self.victims[slot].not_before.get();
        self.now
            .is_some_and(|now| before().is_some_and(|before| now < before))
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
    /// By slot.
    victims: Box<[Victim]>,
    /// From here on nobody's tasks are left alone.
    all_from: Cell<Option<Instant>>,
    /// When it may ask next, and how long after that again.
    next_question: Cell<Option<Instant>>,
    question_gap: Cell<Duration>,
}

impl Thief {
    /// For a thread that looks at so many slots.
    pub(super) fn new(slots: usize) -> Self {
        Self {
            seen: [const { Cell::new(None) }; 2],
            not_before: Cell::new(None),
            hold_off: Cell::new(Duration::ZERO),
            victims: (0..slots).map(|_| Victim::new()).collect(),
            all_from: Cell::new(None),
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

    /// A task was taken from the deque of the thread in this slot, and has run between these two looks at it.
    pub(super) fn has_run_task(&self, slot: usize, before: Sight, after: Sight) {
        let victim = &self.victims[slot];
        let last = victim.last.replace(Some(after));
        if after.at - before.at >= TINY {
            victim.take_at_once();
        } else if before.is_at_it(after) || last.is_some_and(|last| last.is_at_it(after)) {
            let until = victim.leave_alone(after.at);
            let later = self.all_from.get().map_or(until, |all| all.max(until));
            self.all_from.set(Some(later));
        } else if last.is_some() {
            victim.take_at_once();
        }
        // Else it is the first from there, and nothing is known.
    }

    /// Whose tasks it leaves alone for the moment.
    #[inline]
    pub(super) fn left_alone(&self) -> LeftAlone<'_> {
        let held = |all| Some(Instant::now()).filter(|&now| now < all);
        let now = self.all_from.get().and_then(held);
        if now.is_none() {
            self.all_from.set(None);
        }
        LeftAlone {
            victims: &self.victims,
            now,
        }
    }

    /// Nobody's.
    pub(super) fn none_left_alone(&self) -> LeftAlone<'_> {
        LeftAlone {
            victims: &self.victims,
            now: None,
        }
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
