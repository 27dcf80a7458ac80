//! A queue of bounded length: first in, first out, for any number of producers and consumers, in one block of memory.
//!
//! After Vyukov's bounded queue: positions count up for ever, a cell serves one position after another, and says which one it
//! holds the item of. It differs in how a producer knows that a cell is free: not from the cell, but from `head`. So a
//! consumer is done with its exchange on `head` and can hold nobody up. A producer that sleeps between its exchange on `tail`
//! and its last store does hold up the cells behind its own: the queue seems empty until then. Whoever pushes looks for sleeping
//! consumers afterwards, so nothing is left lying.
//!
//! ```text
//!              head                        tail
//!               ▼                           ▼
//!   ┌─────┬──────────┬─────────┬─────────┬─────┬─────┐
//!   │     │    a     │    b    │    c    │     │     │
//!   └─────┴──────────┴─────────┴─────────┴─────┴─────┘
//! ```
//!
//! A position has the cell's index in its low half and the *lap* in its high half, so any number of cells will do, one too. A position stays in
//! use until `head` has passed it, so a thread that exchanges `head` knows that the item it read before is the right one, and that it
//! was the oldest.
//!
//! A lap has 32 bits: see the [`injector`](super::injector) on what that means.
//!
//! # Room for tombstones
//!
//! Items that are of no use any more are taken out by rotating the queue: pop, and push back what is still good. There is one more
//! cell than the queue may hold items, so that one thread at a time can do that while others fill the place it has just made
//! ([`Ring::push_back`]).

use super::slab::{pack, unpack};
use crate::sync::{
    AtomicPtr, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crossbeam_utils::CachePadded;
use std::num::NonZeroU32;

#[cfg(test)]
mod model;

/// No position: what a cell says that was never used.
const NEVER: u64 = u64::MAX;

/// The queue; see the module.
#[derive(Debug)]
pub(crate) struct Ring {
    /// The position of the oldest item. Only grows.
    head: CachePadded<AtomicU64>,
    tail: CachePadded<Tail>,
    /// One more than `capacity`.
    cells: Box<[Cell]>,
    capacity: u32,
}

#[derive(Debug)]
struct Tail {
    /// The position of the next push. Only grows.
    next: AtomicU64,
    /// What `head` was at some time, so that producers need not read what consumers write all the time.
    head_seen: AtomicU64,
}

#[derive(Debug)]
struct Cell {
    /// The position whose item lies here.
    position: AtomicU64,
    item: AtomicPtr<()>,
}

impl Ring {
    pub(crate) fn new(capacity: NonZeroU32) -> Self {
        let capacity = capacity.get();
        let cell = |_| Cell {
            position: AtomicU64::new(NEVER),
            item: AtomicPtr::default(),
        };
        Self {
            head: CachePadded::new(AtomicU64::new(0)),
            tail: CachePadded::new(Tail {
                next: AtomicU64::new(0),
                head_seen: AtomicU64::new(0),
            }),
            cells: (0..=capacity).map(cell).collect(),
            capacity,
        }
    }

    /// Adds an item at the end, or gives it back if the queue is full. Waits for nobody, allocates nothing.
    ///
    /// Does not order the push before a later look at who sleeps: a caller that needs that puts its own
    /// `SeqCst` fence in between.
    pub(crate) fn push(&self, item: *mut ()) -> Result<(), *mut ()> {
        self.push_cell(item, self.capacity)
    }

    /// Adds an item that the caller has just popped; there is always room. One thread at a time may do so.
    pub(crate) fn push_back(&self, item: *mut ()) {
        // The push before this one found room at some `head` that `push_cell` sees again, or a later one. If it was a `push`, at most
        // `capacity` are there with its item. If it was a `push_back`, one more, but the caller's pop came after it.
        let pushed = self.push_cell(item, self.capacity + 1);
        assert!(pushed.is_ok(), "two threads push back at once");
    }

    #[inline(always)]
    fn push_cell(&self, item: *mut (), capacity: u32) -> Result<(), *mut ()> {
        let (acquire, release) = if cfg!(zeropool_broken = "ring_tail_relaxed") {
            (Relaxed, Relaxed)
        } else {
            (Acquire, Release)
        };
        // Ordering: Acquire pairs with the Release of the exchange below: who starts from a `tail` sees the `head` at which the push
        // before it found room, or a later one. With an older one the queue would look fuller than it ever was.
        let mut tail = self.tail.next.load(acquire);
        loop {
            if !self.has_room(tail, capacity) {
                // Full after the push before `tail`, as far as anything that happened before this call can tell.
                return Err(item);
            }
            let next = self.after(tail);
            // Ordering: Release hands on the `head` that `has_room` has read, to the Acquire of the first load, and to that of
            // a failure here, which is such a load too.
            let claim = &self.tail.next;
            match claim.compare_exchange_weak(tail, next, release, acquire) {
                Ok(_) => break,
                Err(newer) => tail = newer,
            }
        }
        let cell = &self.cells[unpack(tail).1 as usize];
        // Ordering: Relaxed; the last store publishes it.
        cell.item.store(item, Relaxed);
        let publish = if cfg!(zeropool_broken = "ring_publish_relaxed") {
            Relaxed
        } else {
            Release
        };
        // Ordering: Release pairs with the Acquire in `front`: the item is visible, and who finds a later position than it looked
        // for sees that `head` has moved.
        cell.position.store(tail, publish);
        Ok(())
    }

    /// Are there fewer than `capacity` items before position `tail`? If so the cell there is free, for whoever gets the position.
    #[inline]
    fn has_room(&self, tail: u64, capacity: u32) -> bool {
        let below = |head| self.distance(head, tail) < u64::from(capacity);
        // Ordering: Acquire pairs with the Release below, and so with that in `pop`.
        if below(self.tail.head_seen.load(Acquire)) {
            return true;
        }
        // Ordering: Acquire pairs with the Release in `pop`: who had the cell before has read it.
        let head = self.head.load(Acquire);
        // Ordering: Release hands on what was acquired. It may go back; it is then only less use.
        self.tail.head_seen.store(head, Release);
        below(head)
    }

    /// How far `to` is behind `from`; 0 if it is not.
    #[inline]
    fn distance(&self, from: u64, to: u64) -> u64 {
        let ((from_lap, from), (to_lap, to)) = (unpack(from), unpack(to));
        let laps = i64::from(to_lap.wrapping_sub(from_lap).cast_signed());
        let distance = laps * self.cells.len() as i64 + i64::from(to) - i64::from(from);
        distance.max(0).cast_unsigned()
    }

    /// The position after this one.
    #[inline]
    fn after(&self, position: u64) -> u64 {
        let (lap, index) = unpack(position);
        if (index as usize) + 1 < self.cells.len() {
            pack(lap, index + 1)
        } else {
            pack(lap.wrapping_add(1), 0)
        }
    }

    /// Takes the oldest item.
    pub(crate) fn pop(&self) -> Option<*mut ()> {
        loop {
            let head = self.front()?;
            let cell = &self.cells[unpack(head).1 as usize];
            // Ordering: Relaxed; acquired with `position`, and worth something only if the exchange below succeeds.
            let item = cell.item.load(Relaxed);
            // Ordering: Release pairs with the Acquire in `has_room`: what was read of the cell is over. Nothing is read here.
            let taken = self
                .head
                .compare_exchange(head, self.after(head), Release, Relaxed);
            if taken.is_ok() {
                if cfg!(zeropool_broken = "ring_item_after_exchange") {
                    return Some(cell.item.load(Relaxed));
                }
                return Some(item);
            }
        }
    }

    /// The position of the oldest item, if there is one.
    #[inline(always)]
    fn front(&self) -> Option<u64> {
        loop {
            // Ordering: Relaxed; the exchange in `pop` decides whether it is still right.
            let head = self.head.load(Relaxed);
            let cell = &self.cells[unpack(head).1 as usize];
            // Ordering: Acquire pairs with the Release in `push_cell`.
            if cell.position.load(Acquire) == head {
                return Some(head);
            }
            // Ordering: Relaxed; if the cell holds a later item, reading that has acquired that `head` has moved.
            if self.head.load(Relaxed) == head {
                return None;
            }
        }
    }

    /// Whether there is nothing to pop. May be outdated at once; an item that was there before the call and
    /// stays there is never overlooked, unless a push before it is not over yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.front().is_none()
    }

    /// How many items there are; while others are at work, how many of those that were there at some moment are left at a later one.
    /// So 0 does not say that it was empty: for that there is [`Ring::is_empty`]. At most `capacity + 1`.
    pub(crate) fn len(&self) -> usize {
        // Ordering: Relaxed; by the Acquire below it is no older than what the last push before `tail` found room at.
        let head = || self.head.load(Relaxed);
        let early = cfg!(zeropool_broken = "ring_head_before_tail").then(head);
        // Ordering: Acquire pairs with the Release in `push_cell`.
        let tail = self.tail.next.load(Acquire);
        // After the tail, or what went through the queue in between would count.
        let between = self.distance(early.unwrap_or_else(head), tail) as usize;
        // More only if the caller has slept in between for as long as laps take to come round.
        between.min(self.cells.len())
    }
}
