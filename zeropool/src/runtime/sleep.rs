//! Who sleeps, who wakes whom, and how many may work at once.
#![doc = include_str!("sleep.md")]

mod set;

use crate::sync::{
    AtomicBool, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
    Parker, ParkerCell, fence,
};
use crossbeam_utils::CachePadded;
use set::SlotSet;
use std::time::Duration;

/// One free seat, in the low half of `Sleep::word`.
const SEAT: u64 = 1;
/// One searching worker, in the high half.
const SEARCHING: u64 = 1 << 32;

/// A plain copy of the word.
#[derive(Debug, Clone, Copy)]
struct Word(u64);

impl Word {
    fn free_seats(self) -> u64 {
        self.0 & (SEARCHING - 1)
    }

    fn searching(self) -> u64 {
        self.0 >> 32
    }
}

/// What the threads of a pool look at before they sleep.
pub(crate) trait Places {
    /// Is there a task in a queue?
    fn has_tasks(&self) -> bool;

    /// Is there anything that a worker could take, forks included?
    fn has_work(&self) -> bool;

    /// Makes every thread that has paused offering forks offer again.
    fn ask_all(&self);

    /// Is there something that only the worker at this slot may do?
    fn is_called(&self, _slot: usize) -> bool {
        false
    }
}

/// How a worker's rest ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Rested {
    /// It was chosen to look for work, and counts as searching.
    Chosen,
    /// It has not slept: there is something to look at.
    Found,
    /// The time is over.
    TimedOut,
}

/// For a waker that has nothing to offer.
pub(crate) struct Nothing;

impl Places for Nothing {
    fn has_tasks(&self) -> bool {
        false
    }

    fn has_work(&self) -> bool {
        false
    }

    fn ask_all(&self) {}
}

/// The sleeping state of one pool.
#[derive(Debug)]
pub(crate) struct Sleep {
    /// Free seats and searching workers.
    word: CachePadded<AtomicU64>,
    /// Workers that sleep for want of work or of a seat.
    asleep: SlotSet,
    /// Waiting threads that have work of their own to run but found no free seat.
    seat_waiters: SlotSet,
    /// By slot: the parker of the thread that has it.
    parkers: Box<[ParkerCell]>,
    terminating: AtomicBool,
    seats: u64,
    /// A worker naps and looks around at every heartbeat.
    watched: AtomicBool,
    /// Some thread may have paused offering forks.
    paused: AtomicBool,
}

impl Sleep {
    pub(crate) fn new(slots: usize, seats: usize) -> Self {
        Self {
            word: CachePadded::new(AtomicU64::new(seats as u64 * SEAT)),
            asleep: SlotSet::new(slots),
            seat_waiters: SlotSet::new(slots),
            parkers: (0..slots).map(|_| ParkerCell::new()).collect(),
            terminating: AtomicBool::new(false),
            seats: seats as u64,
            watched: AtomicBool::new(false),
            paused: AtomicBool::new(false),
        }
    }

    #[inline]
    fn word(&self) -> Word {
        // Ordering: Relaxed; every decision that depends on it is made after a SeqCst fence.
        Word(self.word.load(Relaxed))
    }

    /// The thread behind `parker` now has this slot.
    pub(crate) fn occupy(&self, slot: usize, parker: &'static Parker) {
        self.parkers[slot].set(parker);
    }

    fn unpark(&self, slot: usize) {
        self.parkers[slot].unpark();
    }

    /// Takes a seat if one is free. Never blocks.
    #[must_use]
    pub(crate) fn try_seat(&self) -> bool {
        let mut seen = self.word();
        while seen.free_seats() > 0 {
            // Ordering: Relaxed; a seat is a permission and carries no data.
            match self
                .word
                .compare_exchange_weak(seen.0, seen.0 - SEAT, Relaxed, Relaxed)
            {
                Ok(_) => return true,
                Err(now) => seen = Word(now),
            }
        }
        false
    }

    /// Gives a seat back, and wakes somebody who can use it.
    pub(crate) fn release_seat(&self, places: &impl Places) {
        // Ordering: Relaxed; ordered against sleepers by the fence.
        self.word.fetch_add(SEAT, Relaxed);
        // Ordering: SeqCst settles the race "seat freed" against "worker found no seat and sleeps"; pairs with the
        // fence in `rest` and in `want_seat`.
        #[cfg(not(zeropool_broken = "sleep_seat_fence"))]
        fence(SeqCst);
        if self.asleep.is_empty() && self.seat_waiters.is_empty() {
            return;
        }
        self.ask_if_paused(places);
        if self.word().searching() == 0 && places.has_work() && self.wake_one(places) {
            return;
        }
        self.pass_seat_on();
    }

    /// Wakes one thread that waits for a seat, if one is free.
    pub(crate) fn pass_seat_on(&self) {
        if self.word().free_seats() > 0
            && let Some(slot) = self.seat_waiters.take_any()
        {
            self.unpark(slot);
        }
    }

    /// Wakes all threads that wait for a seat, to decide anew. Not those that come back to wait before it is done: they and the caller,
    /// who may hold the seat, could keep each other busy for ever.
    fn wake_seat_waiters(&self) {
        #[cfg(not(zeropool_broken = "owner_not_told_of_search"))]
        self.seat_waiters.take_all(|slot| self.unpark(slot));
    }

    /// After something was put where workers look for it: wakes one worker if nobody is looking already.
    #[inline]
    pub(crate) fn posted(&self, places: &impl Places) {
        // Ordering: SeqCst settles the race "posted, nobody seen asleep" against "asleep, nothing seen posted"; pairs
        // with the fence in `rest`.
        #[cfg(not(zeropool_broken = "sleep_post_fence"))]
        fence(SeqCst);
        let word = self.word();
        if word.searching() == 0 && word.free_seats() > 0 {
            self.wake_one(places);
        }
    }

    /// As [`Sleep::posted`], after something was put into a queue by an exchange on the word that [`Places`] exchange, too, when they
    /// find that queue empty. So no fence is needed; see the essay.
    #[inline]
    pub(crate) fn posted_by_exchange(&self, places: &impl Places) {
        // Ordering: Acquire pairs with the Release in `leave_search`: whoever is seen to have given up its search is seen asleep.
        let word = Word(self.word.load(Acquire));
        if word.searching() == 0 && word.free_seats() > 0 {
            self.wake_one(places);
        }
    }

    /// As [`Sleep::posted`], after something was put where any worker may take it, but the one at `slot` should: wakes that one if
    /// it sleeps, whoever is looking already.
    pub(crate) fn posted_near(&self, slot: usize, places: &impl Places) {
        // Ordering: SeqCst, as in `posted`.
        #[cfg(not(zeropool_broken = "sleep_near_fence"))]
        fence(SeqCst);
        let word = self.word();
        if word.free_seats() > 0 && !self.choose(slot, places) && word.searching() == 0 {
            self.wake_one(places);
        }
    }

    /// After something was put where only the worker at `slot` may take it: that one looks, be it asleep, in a wait, or at work.
    pub(crate) fn call(&self, slot: usize, places: &impl Places) {
        // Ordering: SeqCst settles the race "called, not seen asleep" against "asleep, no call seen"; pairs with the fence in
        // `rest`.
        #[cfg(not(zeropool_broken = "sleep_call_fence"))]
        fence(SeqCst);
        // A thread in a wait looks for calls whenever it wakes up there.
        if !self.choose(slot, places) {
            self.unpark(slot);
        }
    }

    /// After a fork was put on offer: wakes a worker if nobody is looking, nor will at the next heartbeat.
    #[inline]
    pub(crate) fn offered(&self, places: &impl Places) {
        // Ordering: SeqCst, as in `posted`; pairs with the fences in `rest`, `leave_search` and `end_watch`. The second look
        // of an offer, for thieves that were faster, relies on it too.
        #[cfg(not(zeropool_broken = "sleep_offer_fence"))]
        fence(SeqCst);
        if self.is_unwatched() {
            self.wake_one(places);
        }
    }

    /// A seat is free, but nobody looks for work now or at the next heartbeat, though there may be sleepers.
    fn is_unwatched(&self) -> bool {
        let word = self.word();
        // Ordering: Relaxed; callers have a SeqCst fence between what they did and this look.
        word.searching() == 0 && word.free_seats() > 0 && !self.watched.load(Relaxed)
    }

    /// A thread that has found offering not to pay stops, unless a sleeper would never ask it to go on.
    pub(crate) fn may_pause(&self) -> bool {
        // Ordering: Release publishes that the thread is quiet to the swap in `ask_if_paused`. An exchange, because a store would
        // hide from that swap the threads that paused before.
        #[cfg(not(zeropool_broken = "sleep_pause_by_store"))]
        self.paused.swap(true, AcqRel);
        #[cfg(zeropool_broken = "sleep_pause_by_store")]
        self.paused.store(true, Release);
        // Ordering: SeqCst settles the race "paused while somebody looks" against "nobody looks any more, nobody seen
        // paused"; pairs with the fences in `leave_search`, `end_watch` and `release_seat`.
        #[cfg(not(zeropool_broken = "sleep_pause_fence"))]
        fence(SeqCst);
        self.asleep.is_empty() || !self.is_unwatched()
    }

    /// After a seat came free, a search or a watch ended, and a fence: nobody may look for work any more, so nobody may
    /// stay paused.
    fn ask_if_paused(&self, places: &impl Places) {
        // Ordering: Acquire pairs with the Release in `may_pause`: all who have paused are seen to be quiet, or pause later.
        #[cfg(not(zeropool_broken = "sleep_no_ask"))]
        if self.paused.load(Relaxed) && self.is_unwatched() && self.paused.swap(false, AcqRel) {
            places.ask_all();
        }
    }

    /// A worker without work becomes the one that naps and looks around at every heartbeat. False: another does, or no
    /// thread works for the pool.
    #[must_use]
    pub(crate) fn begin_watch(&self) -> bool {
        // Ordering: Relaxed; whoever relies on the watch looks at it after a fence, and so does `end_watch`.
        self.has_free_seat()
            && self.is_active()
            && !self.watched.load(Relaxed)
            && !self.watched.swap(true, Relaxed)
    }

    /// The watch is over.
    pub(crate) fn end_watch(&self, places: &impl Places) {
        // Ordering: Relaxed; SeqCst pairs with the fences in `offered` and `may_pause`.
        self.watched.store(false, Relaxed);
        #[cfg(not(zeropool_broken = "sleep_watch_fence"))]
        fence(SeqCst);
        self.ask_if_paused(places);
    }

    /// How many workers are idle and could work.
    pub(crate) fn idle(&self) -> usize {
        let word = self.word();
        if word.free_seats() == 0 {
            return 0;
        }
        let asleep = u64::from(self.asleep.count());
        word.free_seats().min(word.searching() + asleep) as usize
    }

    /// Some thread works for the pool.
    pub(crate) fn is_active(&self) -> bool {
        self.word().free_seats() < self.seats
    }

    /// Wakes one sleeping worker. It counts as searching from now on, so that further posts do not wake more
    /// than can be useful.
    fn wake_one(&self, places: &impl Places) -> bool {
        while !self.asleep.is_empty() {
            // Counted before it is chosen: once chosen, the worker may search, and end its search, at any time.
            #[cfg(not(zeropool_broken = "sleep_count_after_choice"))]
            self.word.fetch_add(SEARCHING, Relaxed);
            if let Some(slot) = self.asleep.take_any() {
                #[cfg(zeropool_broken = "sleep_count_after_choice")]
                self.word.fetch_add(SEARCHING, Relaxed);
                self.unpark(slot);
                return true;
            }
            // Nobody left to choose: the search that was announced ends, with the duty of every last searcher.
            #[cfg(not(zeropool_broken = "sleep_count_after_choice"))]
            if !self.must_wake_after_search(places) {
                return false;
            }
        }
        false
    }

    /// Wakes the worker at `slot` if it sleeps; callers have fenced. It counts as searching from now on, as in `wake_one`.
    fn choose(&self, slot: usize, places: &impl Places) -> bool {
        if !self.asleep.contains(slot) {
            return false;
        }
        #[cfg(not(zeropool_broken = "sleep_choose_uncounted"))]
        self.word.fetch_add(SEARCHING, Relaxed);
        if self.asleep.remove(slot) {
            #[cfg(zeropool_broken = "sleep_choose_uncounted")]
            self.word.fetch_add(SEARCHING, Relaxed);
            self.unpark(slot);
            return true;
        }
        // Somebody else has chosen it: the search that was announced ends.
        #[cfg(not(zeropool_broken = "sleep_choose_uncounted"))]
        self.end_search(places);
        false
    }

    /// One searcher less. True for the last one, which now has to look whether posts relied on it.
    fn leave_search(&self) -> bool {
        // Ordering: Release pairs with the Acquire in `is_searching`.
        let before = Word(self.word.fetch_sub(SEARCHING, Release));
        debug_assert!(before.searching() > 0, "more searches ended than begun");
        // Ordering: SeqCst pairs with the fence in `posted`: a post that saw us searching is seen after this.
        fence(SeqCst);
        before.searching() == 1
    }

    /// A worker without work of its own begins to look around.
    pub(crate) fn begin_search(&self) {
        // Ordering: Relaxed; see `end_search`.
        self.word.fetch_add(SEARCHING, Relaxed);
    }

    /// A searching worker has found something. If it was the last searcher, posts that relied on it may be
    /// waiting: another worker takes over the search.
    pub(crate) fn end_search(&self, places: &impl Places) {
        if self.must_wake_after_search(places) {
            self.wake_one(places);
        }
    }

    /// Ends one search. True if it was the last one, and somebody has to take over.
    fn must_wake_after_search(&self, places: &impl Places) -> bool {
        if !self.leave_search() {
            return false;
        }
        if self.word().free_seats() == 0 {
            // Callers that relied on this search may have to do their work themselves.
            self.wake_seat_waiters();
            return false;
        }
        self.ask_if_paused(places);
        places.has_work()
    }

    /// Somebody is looking for work, and will find any that there is.
    pub(crate) fn is_searching(&self) -> bool {
        // Ordering: Acquire pairs with the Release in `leave_search`: a caller that sees the search ended also sees the
        // found task's scope counting it as active.
        Word(self.word.load(Acquire)).searching() > 0
    }

    /// A searching worker gives up and sleeps until chosen. With `nap`, it watches: it sleeps for no longer, and forks do
    /// not keep it awake, as it looks for them after the nap.
    pub(crate) fn rest(
        &self,
        slot: usize,
        parker: &'static Parker,
        nap: Option<Duration>,
        places: &impl Places,
    ) -> Rested {
        self.asleep.insert(slot);
        // The fence in it is the sleeper's half of the races in `posted`, `posted_near`, `call`, `offered`, `release_seat` and
        // `terminate`.
        let last = self.leave_search();
        let found = || match nap {
            Some(_) => places.has_tasks(),
            // Ordering: Relaxed; after the fence. Whoever watches sees to forks, and looks once more after the watch.
            None if self.watched.load(Relaxed) => places.has_tasks(),
            None => places.has_work(),
        };
        let called = places.is_called(slot);
        if called || self.is_terminating() || (self.word().free_seats() > 0 && found()) {
            return self.rise(slot, Rested::Found);
        }
        if last {
            // Callers that relied on this search look again.
            self.wake_seat_waiters();
            self.ask_if_paused(places);
        }
        if let Some(nap) = nap {
            parker.park_timeout(nap);
            return self.rise(slot, Rested::TimedOut);
        }
        while self.asleep.contains(slot) {
            parker.park();
        }
        Rested::Chosen
    }

    /// For models: a worker that sleeps and is not modelled further.
    #[cfg(all(test, zeropool_loom))]
    pub(crate) fn put_to_sleep(&self, slot: usize) {
        self.asleep.insert(slot);
    }

    /// A worker gets up by itself. Still in the set, nobody chose it; otherwise the chooser has counted it as searching.
    fn rise(&self, slot: usize, why: Rested) -> Rested {
        if self.asleep.remove(slot) {
            why
        } else {
            Rested::Chosen
        }
    }

    /// A waiting thread has work of its own but no seat; after this call it looks once more for a free seat
    /// and then parks.
    pub(crate) fn want_seat(&self, slot: usize) {
        self.seat_waiters.insert(slot);
        // Ordering: SeqCst; pairs with the fence in `release_seat`.
        fence(SeqCst);
    }

    /// The waiting thread is awake. True if it was chosen for a seat, which it passes on if it has no use
    /// for it.
    pub(crate) fn stop_wanting_seat(&self, slot: usize) -> bool {
        !self.seat_waiters.remove(slot)
    }

    pub(crate) fn has_free_seat(&self) -> bool {
        self.word().free_seats() > 0
    }

    /// Workers leave once they find nothing more to do.
    pub(crate) fn terminate(&self) {
        // Ordering: Release pairs with the Acquire in `is_terminating`: who sees it also sees all that was posted
        // before. SeqCst pairs with the fence in `rest`.
        self.terminating.store(true, Release);
        fence(SeqCst);
        while self.wake_one(&Nothing) {}
    }

    pub(crate) fn is_terminating(&self) -> bool {
        // Ordering: Acquire pairs with the Release in `terminate`.
        self.terminating.load(Acquire)
    }
}

#[cfg(test)]
mod tests;
