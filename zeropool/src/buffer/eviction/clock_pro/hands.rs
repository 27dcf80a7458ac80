//! What the hands do, and what it means for a page that one comes by.

use super::{COLD_SHARE_MIN, ClockPro, Entry, Referenced, Status};
use crate::buffer::eviction::ring::{Hand, Place};

impl ClockPro {
    /// A page was referenced in its test period.
    pub(super) fn promote(&mut self, referenced: &Referenced, place: Place) {
        let entry = &mut self.ring[place];
        let (bytes, ghost_bytes) = (entry.bytes(), entry.ghost_bytes());
        entry.status = Status::Hot;
        entry.ghosts = 0;
        self.hot_bytes += bytes;
        self.ghost_bytes -= ghost_bytes;
        let share = self.cold_share.saturating_add(bytes + ghost_bytes);
        self.cold_share = share.min(self.capacity);
        self.ring.renew(place);
        self.settle(referenced);
    }

    /// Turns hot pages cold until they have no more than their share.
    pub(super) fn settle(&mut self, referenced: &Referenced) {
        if self.hot_bytes <= self.hot_share() {
            return;
        }
        let mut spares = self.ring.len();
        while self.hot_bytes > self.hot_share() {
            self.demote(referenced, &mut spares);
        }
        self.rest_at_hot();
    }

    /// Moves `Hand::Hot` past the next page that it turns cold. There is a hot one with a block.
    pub(super) fn demote(&mut self, referenced: &Referenced, spares: &mut usize) {
        loop {
            let place = self.ring.at(Hand::Hot);
            let entry = self.ring[place];
            if entry.status != Status::Hot {
                self.step_past_cold(Hand::Hot);
                continue;
            }
            self.ring.step(Hand::Hot);
            let was_referenced = referenced.take(entry.class, usize::from(entry.page));
            if was_referenced && *spares > 0 && !cfg!(zeropool_broken = "clock_hot_unspared") {
                *spares -= 1;
                continue;
            }
            self.ring[place].status = Status::Cold;
            self.hot_bytes -= entry.bytes();
            return;
        }
    }

    /// Ends the test of the cold page at a hand, if it is in one, and moves the hand on.
    pub(super) fn step_past_cold(&mut self, hand: Hand) {
        let place = self.ring.at(hand);
        let entry = &mut self.ring[place];
        if entry.status == Status::Test {
            entry.status = Status::Cold;
            let ghost_bytes = entry.ghost_bytes();
            entry.ghosts = 0;
            let bytes = entry.bytes();
            self.ghost_bytes -= ghost_bytes;
            let share = self.cold_share.saturating_sub(bytes + ghost_bytes);
            self.cold_share = share.max(self.capacity / COLD_SHARE_MIN);
            if bytes == 0 {
                // Which moves the hand on.
                return self.remove(place);
            }
        }
        self.ring.step(hand);
    }

    /// Ends tests until there are no more ghosts than the capacity.
    pub(super) fn limit_ghosts(&mut self) {
        if cfg!(zeropool_broken = "clock_test_hand_stuck") || self.ghost_bytes <= self.capacity {
            return;
        }
        while self.ghost_bytes > self.capacity {
            if self.ring[self.ring.at(Hand::Test)].status == Status::Hot {
                self.ring.step(Hand::Test);
            } else {
                self.step_past_cold(Hand::Test);
            }
        }
        self.rest(Hand::Test, |entry| entry.status == Status::Test);
    }

    /// Moves `Hand::Hot` to a hot page, if there is one, ending tests on the way.
    pub(super) fn rest_at_hot(&mut self) {
        while self.hot_bytes > 0 && self.ring[self.ring.at(Hand::Hot)].status != Status::Hot {
            self.step_past_cold(Hand::Hot);
        }
    }

    /// Moves `Hand::Cold` to a cold page with a block, if there is one.
    pub(super) fn rest_at_cold(&mut self) {
        self.rest(Hand::Cold, |entry| {
            entry.status != Status::Hot && entry.blocks > 0
        });
    }

    /// Moves a hand to the next entry that fits, or once around.
    fn rest(&mut self, hand: Hand, fits: impl Fn(&Entry) -> bool) {
        for _ in 0..self.ring.len() {
            if fits(&self.ring[self.ring.at(hand)]) {
                return;
            }
            self.ring.step(hand);
        }
    }
}
