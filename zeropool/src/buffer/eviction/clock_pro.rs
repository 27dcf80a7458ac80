//! CLOCK-Pro, over classes and ranks instead of pages of a file, and in bytes instead of pages.
//!
//! Song Jiang, Feng Chen, Xiaodong Zhang: CLOCK-Pro: An Effective Improvement of the CLOCK Replacement. USENIX Annual Technical
//! Conference 2005, pages 323–336.
//!
//! What counts is the *reuse distance* of a page, how much else is referenced between two references of it; not how long ago the
//! last one was. Pages with a small one are *hot*, all others *cold*. A page comes in cold and in its *test period*. If
//! it is referenced again in that time it turns hot. Only cold pages are discarded; one that is discarded during its test period
//! leaves a *ghost* behind, without memory, so that its return can be noticed. All are on one clock:
//!
//! * `Hand::Cold` looks for a victim. A referenced page becomes the newest, and hot if it was being tested.
//! * `Hand::Hot` moves when hot pages have more than their share: it spares those that were referenced, until it
//!   finds one that was not and turns it cold. Tests of the cold pages on its way end, since those have
//!   become older than a hot page.
//! * `Hand::Test` moves when there are too many ghosts, and ends tests, oldest first.
//!
//! The share of cold pages adapts: it grows with each test that is passed, and shrinks with each that runs out.
//!
//! # Where this differs from the paper
//!
//! * Shares, the bound on ghosts and the steps of adaptation are in bytes. Ghosts make up no more than the capacity.
//! * A page may have several blocks, and is then discarded block by block; its ghosts are those of its blocks.
//! * A page whose blocks are all in use is passed over by `Hand::Cold`, unless it was referenced.
//! * Blocks come in before others are discarded, so for a moment there may be more than the capacity.
//! * What may be discarded may be hot to the last page, as the limits of the store are not only in bytes. Then `Hand::Hot` has to turn
//!   pages cold, even though they have no more than their share.
//! * A block that is discarded is that of the highest rank. If the victim is another page of the class, the two swap
//!   their places on the clock, with all that the places say of them.
//!
//! # Costs
//!
//! Memory for each page that is on the clock, at most `PAGES` times the classes. A choice may take one turn of a hand, or a
//! few if all were referenced; like every clock, it takes a few steps when choices are frequent.

mod hands;

use super::ring::{Hand, NOWHERE, Place, Ring};
use super::{PAGES, Paging, Referenced};
use crate::buffer::class::{self, Class};

/// Cold pages have at least this part of the capacity, so that newcomers are tested at all.
const COLD_SHARE_MIN: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Hot,
    /// Cold, and in its test period.
    Test,
    Cold,
}

/// A page on the clock. It has a block or a ghost; ghosts only while it is being tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    class: Class,
    page: u8,
    status: Status,
    blocks: usize,
    ghosts: usize,
}

impl Entry {
    fn bytes(&self) -> usize {
        self.blocks * self.class.size()
    }

    fn ghost_bytes(&self) -> usize {
        self.ghosts * self.class.size()
    }
}

/// See the head of this file.
#[derive(Debug)]
pub(in crate::buffer) struct ClockPro {
    ring: Ring<Entry>,
    /// Where each page is on the clock, or `NOWHERE`.
    places: Box<[[Place; PAGES]]>,
    /// How many blocks there are of each class. Their ranks are 1 to that number.
    blocks: [usize; class::COUNT],
    paging: Paging,
    capacity: usize,
    /// What cold pages are to have of the capacity.
    cold_share: usize,
    hot_bytes: usize,
    ghost_bytes: usize,
}

impl ClockPro {
    /// `capacity`: the bytes that are to be kept.
    pub(in crate::buffer) fn new(capacity: usize) -> Self {
        Self {
            ring: Ring::new(),
            places: vec![[NOWHERE; PAGES]; class::COUNT].into(),
            blocks: [0; class::COUNT],
            paging: Paging::new(capacity),
            capacity,
            cold_share: capacity / COLD_SHARE_MIN,
            hot_bytes: 0,
            ghost_bytes: 0,
        }
    }

    /// A block of that class was made. It may pass the test of a ghost.
    pub(super) fn fault(&mut self, referenced: &Referenced, class: Class) {
        self.blocks[class.index()] += 1;
        let page = self.paging.page(class, self.blocks[class.index()]);
        let place = self.place(class, page);
        if place == NOWHERE {
            // A bit that was set before says nothing of this block.
            referenced.take(class, page);
            let place = self.ring.insert(Entry {
                class,
                page: page_number(page),
                status: Status::Test,
                blocks: 1,
                ghosts: 0,
            });
            self.places[class.index()][page] = place;
            return;
        }
        let entry = &mut self.ring[place];
        entry.blocks += 1;
        if entry.ghosts > 0 {
            entry.ghosts -= 1;
            self.ghost_bytes -= class.size();
            referenced.take(class, page);
            self.promote(referenced, place);
        } else if entry.status == Status::Hot {
            self.hot_bytes += class.size();
            self.settle(referenced);
        }
    }

    /// Moves `Hand::Cold` to what is to be discarded.
    pub(super) fn victim(
        &mut self,
        referenced: &Referenced,
        at_rest: impl Fn(Class) -> usize,
    ) -> Option<Class> {
        // How many ranks of each class are in use.
        let mut out = self.blocks;
        for class in Class::all() {
            let out = &mut out[class.index()];
            if *out > 0 {
                *out -= at_rest(class).min(*out);
            }
        }
        if out == self.blocks {
            return None;
        }
        // Others may set bits as fast as we clear them: each page is spared once on average, and no more.
        let mut spares = self.ring.len();
        loop {
            let mut passed = 0;
            while passed < self.ring.len() {
                let place = self.ring.at(Hand::Cold);
                let entry = self.ring[place];
                if entry.status != Status::Hot && entry.blocks > 0 {
                    let (class, page) = (entry.class, usize::from(entry.page));
                    if spares > 0 && referenced.take(class, page) {
                        spares -= 1;
                        passed = 0;
                        if entry.status == Status::Test {
                            self.promote(referenced, place);
                        } else {
                            self.ring.renew(place);
                        }
                        continue;
                    }
                    if self.paging.ranks_before(class, page) + entry.blocks > out[class.index()] {
                        return Some(class);
                    }
                }
                self.ring.step(Hand::Cold);
                passed += 1;
            }
            // Some page has a block at rest. No cold one has, so hot ones have to turn cold until one has.
            if self.hot_bytes == 0 {
                debug_assert!(false, "a block at rest belongs to no page");
                return None;
            }
            self.demote(referenced, &mut self.ring.len());
            self.rest_at_hot();
        }
    }

    /// A block of the class at `Hand::Cold` was discarded.
    pub(super) fn discarded(&mut self, referenced: &Referenced, class: Class) {
        let place = self.ring.at(Hand::Cold);
        let is_victim = place != NOWHERE && {
            let entry = &self.ring[place];
            entry.class == class && entry.status != Status::Hot && entry.blocks > 0
        };
        if !is_victim {
            debug_assert!(false, "discarded what was not chosen");
            return self.gone(referenced, class);
        }
        if !cfg!(zeropool_broken = "clock_no_swap") {
            self.swap_with_last(referenced, place);
        }
        let last = self.paging.page(class, self.blocks[class.index()]);
        let place = self.place(class, last);
        let entry = &mut self.ring[place];
        if entry.status == Status::Test && !cfg!(zeropool_broken = "clock_no_ghosts") {
            entry.ghosts += 1;
            self.ghost_bytes += class.size();
        }
        self.lose_block(referenced, class);
        self.rest_at_cold();
        self.limit_ghosts();
        self.settle(referenced);
    }

    /// The highest rank of that class has no block any more, and leaves no ghost.
    pub(super) fn gone(&mut self, referenced: &Referenced, class: Class) {
        debug_assert!(self.blocks[class.index()] > 0, "no block was left");
        if self.blocks[class.index()] > 0 {
            self.lose_block(referenced, class);
        }
    }

    fn place(&self, class: Class, page: usize) -> Place {
        self.places[class.index()][page]
    }

    fn hot_share(&self) -> usize {
        self.capacity - self.cold_share
    }

    /// Takes the highest rank's block from its page. There is one.
    fn lose_block(&mut self, referenced: &Referenced, class: Class) {
        let page = self.paging.page(class, self.blocks[class.index()]);
        let place = self.place(class, page);
        self.blocks[class.index()] -= 1;
        let entry = &mut self.ring[place];
        entry.blocks -= 1;
        if entry.status == Status::Hot {
            self.hot_bytes -= class.size();
        }
        if entry.blocks == 0 {
            referenced.take(class, page);
            if entry.ghosts == 0 {
                self.remove(place);
            }
        }
    }

    fn remove(&mut self, place: Place) {
        let Entry { class, page, .. } = self.ring[place];
        self.places[class.index()][usize::from(page)] = NOWHERE;
        self.ring.remove(place);
    }

    /// Brings the last page of a class that has blocks to `place`, and the page that is there to the place of the last. What they
    /// were found to be, and whether they were referenced, is said of the places, and stays.
    fn swap_with_last(&mut self, referenced: &Referenced, place: Place) {
        let entry = self.ring[place];
        let (class, page) = (entry.class, usize::from(entry.page));
        let last_page = self.paging.page(class, self.blocks[class.index()]);
        let last_place = self.place(class, last_page);
        if last_place == place {
            return;
        }
        let last = self.ring[last_place];
        // A page below the last is full, so it has no ghosts. Those of the last stay with it, if it is still being tested.
        debug_assert_eq!(entry.ghosts, 0);
        let ghosts = match entry.status {
            Status::Test => last.ghosts,
            Status::Hot | Status::Cold => 0,
        };
        self.ghost_bytes -= (last.ghosts - ghosts) * class.size();
        if last.status == Status::Hot {
            self.hot_bytes -= last.bytes();
            self.hot_bytes += entry.bytes();
        }
        self.ring[place] = Entry {
            status: entry.status,
            ghosts,
            ..last
        };
        self.ring[last_place] = Entry {
            status: last.status,
            ..entry
        };
        let places = &mut self.places[class.index()];
        places.swap(page, last_page);
        let (was_set, last_was_set) = (
            referenced.take(class, page),
            referenced.take(class, last_page),
        );
        if was_set {
            referenced.set(class, last_page);
        }
        if last_was_set {
            referenced.set(class, page);
        }
    }
}

fn page_number(page: usize) -> u8 {
    const { assert!(PAGES <= u8::MAX as usize) };
    u8::try_from(page).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
