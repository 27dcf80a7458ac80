//! Where a worker looks for work, and in which order.
//!
//! 1. calls: shares of broadcasts, which only this worker may run
//! 2. the high lane
//! 3. its own mailbox
//! 4. its own deque, newest first
//! 5. other threads' forks, oldest first
//! 6. the normal lane, that is the injector
//! 7. other threads' deques, oldest first, but for those that it leaves alone for the moment (`thief.rs`); before it takes anything from the
//!    places below, these too
//! 8. the low lane
//! 9. other workers' mailboxes: what they have not come to for a while
//!
//! Every 61st look of a worker begins elsewhere, after its calls: by turns in the low lane, in the normal lane, at the oldest task of
//! its own deque, in the mailboxes, its own first, and at other threads' deques. If there is nothing, the usual order follows. So as long as one worker looks for
//! work, whatever comes earlier cannot keep any of these waiting for ever.

use super::fork::{Stolen, StolenFork};
use super::lanes::Lane;
use super::thief::{LeftAlone, RIPE};
use super::worker::Worker;
use crate::sync::spin_loop;
use crate::task::block::TaskRef;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// One look in so many begins elsewhere. A prime number, so as not to fall in step with a pattern of the program.
const ELSEWHERE: u32 = 61;

/// A letter in another worker's mailbox is left there for so long: waking that worker takes a part of this.
const LETTER_RIPE: Duration = Duration::from_micros(100);

/// Something to do for a worker.
pub(super) enum Work {
    Fork(StolenFork),
    Task(TaskRef),
    /// From the deque or the mailbox of the thread in this slot.
    TaskOf(usize, TaskRef),
}

/// What a thread remembers from look to look.
#[derive(Debug)]
pub(super) struct Looks {
    /// Until the next one that begins elsewhere.
    left: Cell<u32>,
    /// Where that one begins.
    turn: Cell<Elsewhere>,
    /// Another worker's mailbox that has not been seen empty since then, while there was nothing else to do.
    mail: Cell<Option<(usize, Instant)>>,
}

/// Where a look begins that does not begin as usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Elsewhere {
    Low,
    Normal,
    Own,
    Mail,
    Others,
}

impl Looks {
    pub(super) fn new() -> Self {
        Self {
            left: Cell::new(ELSEWHERE),
            turn: Cell::new(Elsewhere::Low),
            mail: Cell::new(None),
        }
    }

    /// Counts a look.
    #[inline]
    fn next(&self) -> Option<Elsewhere> {
        let left = self.left.get() - 1;
        if left > 0 {
            self.left.set(left);
            return None;
        }
        self.left.set(ELSEWHERE);
        Some(self.turn.replace(match self.turn.get() {
            Elsewhere::Low => Elsewhere::Normal,
            Elsewhere::Normal => Elsewhere::Own,
            Elsewhere::Own => Elsewhere::Mail,
            Elsewhere::Mail => Elsewhere::Others,
            Elsewhere::Others => Elsewhere::Low,
        }))
    }

    /// There was something else to do.
    #[inline]
    pub(super) fn forget_mail(&self) {
        self.mail.set(None);
    }
}

impl Worker<'_> {
    /// The other slots, in an order that is a little different each time.
    fn others(&self) -> impl Iterator<Item = usize> {
        let slots = self.registry.slots.len();
        let start = self.desk.random() % slots;
        let own = self.desk.index;
        (start..slots).chain(0..start).filter(move |&at| at != own)
    }

    /// The slot of a fork that it is time to take.
    fn ripe_fork(&self) -> Option<usize> {
        let (slots, thief) = (&self.registry.slots, &self.desk.thief);
        let in_view = thief
            .in_view()
            .filter(|&(at, fork)| slots[at].forks.oldest() == Some(fork));
        let (at, fork) = in_view.or_else(|| {
            self.others()
                .find_map(|at| Some((at, slots[at].forks.oldest()?)))
        })?;
        thief.is_ripe(0, at, fork).then_some(at)
    }

    /// The other workers whose mailboxes are not empty.
    fn mail_of_others(&self) -> impl Iterator<Item = usize> {
        let registry = self.registry;
        self.others()
            .filter(move |&at| at < registry.workers && !registry.lanes.is_empty(Lane::Mail(at)))
    }

    /// Another worker's mailbox to which it has not come for a while, as far as this thread has seen.
    fn ripe_mail(&self) -> Option<usize> {
        let seen = &self.desk.looks.mail;
        let in_view = seen
            .get()
            .filter(|&(at, _)| !self.registry.lanes.is_empty(Lane::Mail(at)));
        let in_view = in_view.or_else(|| Some((self.mail_of_others().next()?, Instant::now())));
        seen.set(in_view);
        let (at, since) = in_view?;
        (since.elapsed() >= LETTER_RIPE).then_some(at)
    }

    /// Is there a task that this worker may take now?
    fn sees_task(&self) -> bool {
        let registry = self.registry;
        let (lanes, own) = (&registry.lanes, self.desk.index);
        // A deque that is left alone is not even looked at: that alone would slow down whoever is at work there.
        let left_alone = self.desk.thief.left_alone();
        let mut slots = registry.slots.iter().enumerate();
        slots.any(|(at, slot)| !left_alone.has(at) && !slot.spawns.is_empty())
            || !registry.injector.is_empty()
            || (lanes.any()
                && ([Lane::High, Lane::Low, Lane::Mail(own)]
                    .into_iter()
                    .any(|lane| !lanes.is_empty(lane))
                    || self.ripe_mail().is_some()))
    }

    /// Is there something to do now, or as soon as a fork that is in view has ripened?
    pub(super) fn sees_work(&self) -> bool {
        let begun = Instant::now();
        loop {
            if self.sees_task() || self.ripe_fork().is_some() {
                return true;
            }
            if !self.desk.thief.waits_for_fork(self.registry) || begun.elapsed() > 2 * RIPE {
                return false;
            }
            spin_loop();
        }
    }

    /// One look at every place where work may be; see the module.
    pub(super) fn look(&self) -> Option<Work> {
        if self.registry.is_forked() {
            return None;
        }
        let (registry, own) = (self.registry, self.desk.index);
        let (slots, lanes) = (&registry.slots, &registry.lanes);
        let lanes_in_use = lanes.any();
        if lanes_in_use && let Some(share) = lanes.pop_call(own) {
            return Some(Work::Task(share));
        }
        if let Some(place) = self.desk.looks.next()
            && let Some(work) = self.look_elsewhere(place)
        {
            return Some(work);
        }
        if lanes_in_use
            && let Some(task) = lanes.pop(Lane::High).or_else(|| lanes.pop(Lane::Mail(own)))
        {
            return Some(Work::Task(task));
        }
        if let Some(task) = self.desk.spawns.pop_newest() {
            return Some(Work::Task(task));
        }
        while let Some(at) = self.ripe_fork() {
            match slots[at].forks.steal_oldest() {
                Stolen::Nothing => break,
                Stolen::Retry => {
                    self.slot().counters.failed_steals.bump();
                    spin_loop();
                }
                Stolen::Job(fork) => return Some(Work::Fork(fork)),
            }
        }
        if let Some(task) = registry.injector.pop() {
            return Some(Work::Task(task));
        }
        let left_alone = self.desk.thief.left_alone();
        if let Some(work) = self.steal_task(left_alone) {
            return Some(work);
        }
        if !lanes_in_use {
            return None;
        }
        // What comes later than this is for the next look.
        let (low, mail) = (!lanes.is_empty(Lane::Low), self.ripe_mail());
        // What has a lower rank must not overtake what is left alone.
        if left_alone.any()
            && (low || mail.is_some())
            && !cfg!(zeropool_broken = "look_low_overtakes")
            && let Some(work) = self.steal_task(self.desk.thief.none_left_alone())
        {
            return Some(work);
        }
        if low && let Some(task) = lanes.pop(Lane::Low) {
            return Some(Work::Task(task));
        }
        let at = mail?;
        Some(Work::TaskOf(at, lanes.pop(Lane::Mail(at))?))
    }

    /// A look at one place out of turn.
    #[cold]
    fn look_elsewhere(&self, place: Elsewhere) -> Option<Work> {
        let (registry, lanes) = (self.registry, &self.registry.lanes);
        let task = match place {
            Elsewhere::Low => lanes.pop(Lane::Low),
            Elsewhere::Normal => registry.injector.pop(),
            Elsewhere::Own => registry.slots[self.desk.index].spawns.steal_oldest(),
            Elsewhere::Mail if !lanes.any() => None,
            Elsewhere::Mail => {
                let own = lanes.pop(Lane::Mail(self.desk.index)).map(Work::Task);
                return own.or_else(|| {
                    let at = self.mail_of_others().next()?;
                    Some(Work::TaskOf(at, lanes.pop(Lane::Mail(at))?))
                });
            }
            Elsewhere::Others => return self.steal_task(self.desk.thief.none_left_alone()),
        };
        task.map(Work::Task)
    }

    /// The oldest task of another thread's deque.
    fn steal_task(&self, left_alone: LeftAlone<'_>) -> Option<Work> {
        let slots = &self.registry.slots;
        self.others()
            .filter(|&at| !left_alone.has(at))
            .find_map(|at| Some(Work::TaskOf(at, slots[at].spawns.steal_oldest()?)))
    }
}

#[cfg(test)]
mod tests;
