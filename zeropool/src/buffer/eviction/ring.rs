//! The clock: a circular list with three hands.
//!
//! Entries lie in a vector and are linked by their index, which stays the same while an entry moves. Hands go from the oldest
//! entry to the newest. The hand [`Hand::Hot`] divides the two: it is at the oldest, and new ones enter right behind it.

use std::ops::{Index, IndexMut};

/// Index of an entry.
pub(super) type Place = u16;

/// No entry.
pub(super) const NOWHERE: Place = Place::MAX;

/// The hands, as indices into `hands`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    Hot,
    Cold,
    Test,
}

#[derive(Debug)]
struct Link<T> {
    previous: Place,
    /// Of a vacant place: the next vacant one.
    next: Place,
    entry: T,
}

#[derive(Debug)]
pub(super) struct Ring<T> {
    links: Vec<Link<T>>,
    vacant: Place,
    len: usize,
    /// `NOWHERE`, all three, if and only if the ring is empty.
    hands: [Place; 3],
}

impl<T> Ring<T> {
    pub(super) const fn new() -> Self {
        Self {
            links: Vec::new(),
            vacant: NOWHERE,
            len: 0,
            hands: [NOWHERE; 3],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Where a hand is; `NOWHERE` if the ring is empty.
    pub(super) fn at(&self, hand: Hand) -> Place {
        self.hands[hand as usize]
    }

    /// Moves a hand on by one entry; the ring is not empty.
    pub(super) fn step(&mut self, hand: Hand) {
        let place = self.at(hand);
        self.hands[hand as usize] = self.links[usize::from(place)].next;
    }

    /// Adds an entry as the newest. Allocates if there were never so many.
    pub(super) fn insert(&mut self, entry: T) -> Place {
        let place = self.vacant;
        let place = if place == NOWHERE {
            let new = Place::try_from(self.links.len()).unwrap_or(NOWHERE);
            assert!(new != NOWHERE, "more entries than places can be numbered");
            self.links.push(Link {
                previous: new,
                next: new,
                entry,
            });
            new
        } else {
            let link = &mut self.links[usize::from(place)];
            self.vacant = link.next;
            link.entry = entry;
            place
        };
        self.attach(place);
        place
    }

    /// Takes an entry out. Hands that are at it move on.
    pub(super) fn remove(&mut self, place: Place) {
        self.detach(place);
        self.links[usize::from(place)].next = self.vacant;
        self.vacant = place;
    }

    /// Makes an entry the newest. Hands that are at it move on first.
    pub(super) fn renew(&mut self, place: Place) {
        self.detach(place);
        self.attach(place);
    }

    fn attach(&mut self, place: Place) {
        self.len += 1;
        let after = self.at(Hand::Hot);
        let (previous, next) = if after == NOWHERE {
            self.hands = [place; 3];
            (place, place)
        } else {
            (self.links[usize::from(after)].previous, after)
        };
        self.links[usize::from(previous)].next = place;
        self.links[usize::from(next)].previous = place;
        let link = &mut self.links[usize::from(place)];
        (link.previous, link.next) = (previous, next);
    }

    fn detach(&mut self, place: Place) {
        self.len -= 1;
        let link = &self.links[usize::from(place)];
        let (previous, next) = (link.previous, link.next);
        self.links[usize::from(previous)].next = next;
        self.links[usize::from(next)].previous = previous;
        for hand in &mut self.hands {
            if *hand == place {
                *hand = if next == place { NOWHERE } else { next };
            }
        }
    }
}

impl<T> Index<Place> for Ring<T> {
    type Output = T;

    fn index(&self, place: Place) -> &T {
        &self.links[usize::from(place)].entry
    }
}

impl<T> IndexMut<Place> for Ring<T> {
    fn index_mut(&mut self, place: Place) -> &mut T {
        &mut self.links[usize::from(place)].entry
    }
}

#[cfg(test)]
impl<T> Ring<T> {
    /// The places, oldest first. Checks that the links agree.
    pub(super) fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        let mut place = self.at(Hand::Hot);
        while places.len() < self.len {
            places.push(place);
            let next = self.links[usize::from(place)].next;
            assert_eq!(self.links[usize::from(next)].previous, place);
            place = next;
        }
        assert_eq!(place, self.at(Hand::Hot), "not a circle of {}", self.len);
        places
    }
}
