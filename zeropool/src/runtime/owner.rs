//! The owner of a scope at its end: may it work, and when does it sleep?
//!
//! The owner runs its own tasks in a seat. Without one it sleeps while others run them or are looking for work, and runs
//! them all the same if nobody does. It is woken when it has to decide anew: when nobody is active any more, when a task was
//! spawned, when a seat came free, when a search ended.

use super::sleep::Sleep;
use crate::sync::{Ordering::SeqCst, fence};
use crate::task::counts::ScopeCounts;

/// What the owner decides on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) sleep: &'a Sleep,
    pub(super) counts: &'a ScopeCounts,
    /// Where it can be told of seats and searches; `None` for a caller without a desk.
    pub(super) slot: Option<usize>,
}

impl Owner<'_> {
    /// May the owner run one of its tasks? In a seat, always; without one only if nobody runs any, nor is about to.
    pub(super) fn may_work(&self, take_seat: impl FnOnce() -> bool) -> bool {
        // In this order: no seat means that all are held by threads that search or run; a search that has found one of
        // our tasks makes it active before it ends. Only an owner with a slot can be told that a search has ended, so only
        // it relies on one.
        take_seat() || {
            let searched = self.slot.is_some() && self.sleep.is_searching();
            !searched && self.counts.load().active() == 0
        }
    }

    /// Sleeps, by calling `park`, until there is something to decide; returns at once if there is already. May return early.
    pub(super) fn sleep(
        &self,
        has_unclaimed: impl Fn() -> bool,
        take_seat: impl Fn() -> bool,
        park: impl FnOnce(),
    ) {
        let counts = self.counts.announce_wait();
        let waits_for_seat = self.slot.filter(|_| has_unclaimed());
        match waits_for_seat {
            Some(slot) => self.sleep.want_seat(slot),
            // Ordering: SeqCst; pairs with the fence before `ScopeCounts::posted`. `want_seat` has one of its own.
            None => fence(SeqCst),
        }
        let runnable = has_unclaimed() && self.may_work(&take_seat);
        if !counts.is_over() && !runnable {
            park();
        }
        self.counts.withdraw_wait();
        if let Some(slot) = waits_for_seat
            && self.sleep.stop_wanting_seat(slot)
            && !take_seat()
        {
            self.sleep.pass_seat_on();
        }
    }
}

#[cfg(test)]
mod tests;
