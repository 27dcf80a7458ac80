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
//!   │     │ a, 2 left│ b, once │ c, once │     │     │
//!   └─────┴──────────┴─────────┴─────────┴─────┴─────┘
//! ```
//!
//! A position has the cell's index in its low half and the *lap* in its high half, so any number of cells will do, one too. Batches are
//! claimed as in the [`injector`](super::injector): the cursor of a cell has the lap above and the claims that are left below, and
//! `head` moves when nothing is. A position stays in use until `head` has passed it, so a thread that exchanges `head` or a cursor knows
//! that the item it read before is the right one, and that it was the oldest.
//!
//! A lap has 32 bits: see the injector on what that means.
//!
//! # Room for tombstones
//!
//! Items that are of no use any more are taken out by rotating the queue: pop, and push back what is still good. There is one more
//! cell than the queue may hold items, so that one thread at a time can do that while others fill the place it has just made
//! ([`Ring::push_back`]).

use super::injector::ONCE;
use super::slab::{pack, unpack};
use super::{Item, Popped, Ticket};
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

/// Half a cache line.
#[derive(Debug)]
struct Cell {
    /// The position whose item lies here.
    position: AtomicU64,
    ptr: AtomicPtr<()>,
    tag: AtomicU64,
    /// The lap, above the claims that are left.
    cursor: AtomicU64,
}

impl Ring {
    pub(crate) fn new(capacity: NonZeroU32) -> Self {
        let capacity = capacity.get();
        let cell = |_| Cell {
            position: AtomicU64::new(NEVER),
            ptr: AtomicPtr::default(),
            tag: AtomicU64::default(),
            cursor: AtomicU64::default(),
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
    pub(crate) fn push(&self, item: Item) -> Result<(), Item> {
        match self.push_cell(item, ONCE, self.capacity) {
            Some(_) => Ok(()),
            None => Err(item),
        }
    }

    /// Adds an item that `claims` claims share, as one entry; `None` if the queue is full.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "for batches with claims of their own")
    )]
    pub(crate) fn push_batch(&self, item: Item, claims: NonZeroU32) -> Option<Ticket> {
        assert!(claims.get() != ONCE, "a batch has fewer claims than that");
        self.push_cell(item, claims.get(), self.capacity)
            .map(Ticket)
    }

    /// Adds an item that the caller has just popped; there is always room. One thread at a time may do so.
    pub(crate) fn push_back(&self, item: Item) {
        // At most `capacity + 1` were there before the caller popped one: others go up to `capacity` only, and of one thread
        // at a time at most one more is there.
        let pushed = self.push_cell(item, ONCE, self.capacity + 1);
        assert!(pushed.is_some(), "two threads push back at once");
    }

    #[inline(always)]
    fn push_cell(&self, item: Item, claims: u32, capacity: u32) -> Option<u64> {
        // Ordering: Relaxed, here and below; what the producer must not be ahead of is `head`.
        let mut tail = self.tail.next.load(Relaxed);
        loop {
            if !self.has_room(tail, capacity) {
                // Full when `head` was read: since then `tail` can only have grown.
                return None;
            }
            match self
                .tail
                .next
                .compare_exchange_weak(tail, self.after(tail), Relaxed, Relaxed)
            {
                Ok(_) => break,
                Err(newer) => tail = newer,
            }
        }
        let (lap, index) = unpack(tail);
        let cell = &self.cells[index as usize];
        // Ordering: Relaxed; the last store publishes them.
        cell.ptr.store(item.ptr, Relaxed);
        cell.tag.store(item.tag, Relaxed);
        // A store is enough: nothing is left of the lap before, so nobody exchanges it.
        // Ordering: Release pairs with the Acquire in `front`: who finds a later lap here sees that `head` has moved.
        cell.cursor.store(pack(lap, claims), Release);
        let publish = if cfg!(zeropool_broken = "ring_publish_relaxed") {
            Relaxed
        } else {
            Release
        };
        // Ordering: Release pairs with the Acquire in `front`: the item is visible.
        cell.position.store(tail, publish);
        Some(tail)
    }

    /// Are there fewer than `capacity` entries before position `tail`? If so the cell there is free, for whoever gets the position.
    #[inline]
    fn has_room(&self, tail: u64, capacity: u32) -> bool {
        let below = |head| self.distance(head, tail) < u64::from(capacity);
        // Ordering: Acquire pairs with the Release below, and so with that in `take_out`.
        if below(self.tail.head_seen.load(Acquire)) {
            return true;
        }
        // Ordering: Acquire pairs with the Release in `take_out`: who had the cell before has read it.
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

    /// Takes the oldest item, or claims a part of the oldest batch.
    pub(crate) fn pop(&self) -> Option<Popped> {
        self.take(true)
    }

    /// As [`Ring::pop`], but nothing if the oldest is a batch with claims left.
    pub(crate) fn pop_one(&self) -> Option<Item> {
        match self.take(false)? {
            Popped::One(item) => Some(item),
            Popped::Part(..) => unreachable!("no part was asked for"),
        }
    }

    #[inline(always)]
    fn take(&self, parts: bool) -> Option<Popped> {
        loop {
            let (head, cursor) = self.front()?;
            let cell = &self.cells[unpack(head).1 as usize];
            // Ordering: Relaxed; acquired with `position`, and worth something only if the exchange below succeeds.
            let read = || Item {
                ptr: cell.ptr.load(Relaxed),
                tag: cell.tag.load(Relaxed),
            };
            let item = read();
            match unpack(cursor) {
                (_, ONCE) => {
                    if self.take_out(head) {
                        if cfg!(zeropool_broken = "ring_item_after_exchange") {
                            return Some(Popped::One(read()));
                        }
                        return Some(Popped::One(item));
                    }
                }
                (_, 0) => {
                    self.take_out(head);
                }
                _ if !parts => return None,
                (lap, left) => {
                    if Self::exchange(&cell.cursor, cursor, pack(lap, left - 1)).is_ok() {
                        if left == 1 {
                            self.take_out(head);
                        }
                        return Some(Popped::Part(item, left - 1));
                    }
                }
            }
        }
    }

    /// Claims a part of the batch that was pushed with this ticket, wherever it lies in the queue. Returns how many are
    /// left after it, as [`Popped::Part`] says; `None` if nothing was.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "for batches with claims of their own")
    )]
    pub(crate) fn claim(&self, ticket: Ticket) -> Option<u32> {
        self.claim_as(ticket, |left| left - 1)
    }

    /// Claims all that is left of the batch with this ticket, and returns how much that was.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "for batches with claims of their own")
    )]
    pub(crate) fn claim_rest(&self, ticket: Ticket) -> u32 {
        self.claim_as(ticket, |_| 0).map_or(0, |left| left + 1)
    }

    fn claim_as(&self, ticket: Ticket, then: impl Fn(u32) -> u32) -> Option<u32> {
        let (lap, index) = unpack(ticket.0);
        let cell = &self.cells[index as usize];
        // Ordering: Acquire, as in `exchange`.
        let mut cursor = cell.cursor.load(Acquire);
        loop {
            let (in_cell, left) = unpack(cursor);
            let other = in_cell != lap && !cfg!(zeropool_broken = "ring_ticket_unchecked");
            if other || left == 0 {
                return None;
            }
            match Self::exchange(&cell.cursor, cursor, pack(in_cell, then(left))) {
                Ok(_) => return Some(left - 1),
                Err(newer) => cursor = newer,
            }
        }
    }

    fn exchange(cursor: &AtomicU64, from: u64, to: u64) -> Result<u64, u64> {
        // Ordering: Release pairs with the Acquire of whoever finds nothing left and moves `head`: the claimers have
        // read the item before it is overwritten. All changes of one lap form one release sequence.
        cursor.compare_exchange(from, to, Release, Acquire)
    }

    /// The position of the oldest entry and its cursor, if there is one.
    #[inline(always)]
    fn front(&self) -> Option<(u64, u64)> {
        loop {
            // Ordering: Relaxed; the exchange in `take_out` decides whether it is still right.
            let head = self.head.load(Relaxed);
            let (lap, index) = unpack(head);
            let cell = &self.cells[index as usize];
            // Ordering: Acquire pairs with the Release in `push_cell`.
            if cell.position.load(Acquire) != head {
                // Ordering: Relaxed; if the cell holds a later item, reading that has acquired that `head` has moved.
                if self.head.load(Relaxed) == head {
                    return None;
                }
                continue;
            }
            // Ordering: Acquire, as in `exchange`.
            let cursor = cell.cursor.load(Acquire);
            // Of another lap: `head` has moved.
            if unpack(cursor).0 == lap || cfg!(zeropool_broken = "ring_lap_unchecked") {
                return Some((head, cursor));
            }
        }
    }

    /// Moves `head` past its position; true for the one who did. The cell is free then.
    #[inline(always)]
    fn take_out(&self, head: u64) -> bool {
        // Ordering: Release pairs with the Acquire in `has_room`: what was read of the cell is over. Nothing is read here.
        self.head
            .compare_exchange(head, self.after(head), Release, Relaxed)
            .is_ok()
    }

    /// Whether there is nothing to pop. May be outdated at once; an item that was there before the call and
    /// stays there is never overlooked, unless a push before it is not over yet.
    pub(crate) fn is_empty(&self) -> bool {
        loop {
            let Some((head, cursor)) = self.front() else {
                return true;
            };
            if unpack(cursor).1 != 0 {
                return false;
            }
            self.take_out(head);
        }
    }

    /// How many entries there are, roughly while others are at work. A batch is one.
    pub(crate) fn len(&self) -> usize {
        // Ordering: Relaxed; two positions that need not belong together.
        self.distance(self.head.load(Relaxed), self.tail.next.load(Relaxed)) as usize
    }
}
