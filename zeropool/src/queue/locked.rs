//! The same queue behind a mutex: what the lock-free ones are compared with, and a fallback for them.
//!
//! Nothing of the user's runs while the lock is held, and nothing that could panic halfway, so a poisoned lock is as good as
//! any.

use super::injector::ONCE;
use super::{Item, Popped, Ticket};
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The queue; see the module.
#[derive(Debug)]
pub(crate) struct Locked {
    entries: Mutex<Entries>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Entries {
    queue: VecDeque<Entry>,
    /// The number of the oldest entry: how many were taken out before it. A ticket is such a number.
    first: u64,
}

#[derive(Debug)]
struct Entry {
    item: Item,
    /// The claims that are left, or `ONCE`.
    left: u32,
}

impl Locked {
    /// A queue for at most `capacity` entries, or for any number.
    pub(crate) fn new(capacity: Option<NonZeroU32>) -> Self {
        Self {
            entries: Mutex::default(),
            capacity: capacity.map_or(usize::MAX, |capacity| capacity.get() as usize),
        }
    }

    /// Adds an item at the end, or gives it back if the queue is full.
    pub(crate) fn push(&self, item: Item) -> Result<(), Item> {
        let pushed = self.push_entry(item, ONCE, self.capacity);
        pushed.map(drop).ok_or(item)
    }

    /// Adds an item that `claims` claims share, as one entry; `None` if the queue is full.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "for batches with claims of their own")
    )]
    pub(crate) fn push_batch(&self, item: Item, claims: NonZeroU32) -> Option<Ticket> {
        assert!(claims.get() != ONCE, "a batch has fewer claims than that");
        self.push_entry(item, claims.get(), self.capacity)
            .map(Ticket)
    }

    /// Adds an item that the caller has just popped; there is always room.
    pub(crate) fn push_back(&self, item: Item) {
        self.push_entry(item, ONCE, usize::MAX);
    }

    fn push_entry(&self, item: Item, left: u32, capacity: usize) -> Option<u64> {
        let mut entries = self.lock();
        let length = entries.queue.len();
        (length < capacity).then(|| {
            entries.queue.push_back(Entry { item, left });
            entries.first + length as u64
        })
    }

    /// Takes the oldest item, or claims a part of the oldest batch.
    pub(crate) fn pop(&self) -> Option<Popped> {
        let mut entries = self.lock();
        let front = entries.front()?;
        let item = front.item;
        if front.left == ONCE {
            entries.take_out();
            return Some(Popped::One(item));
        }
        front.left -= 1;
        let left = front.left;
        if left == 0 {
            entries.take_out();
        }
        Some(Popped::Part(item, left))
    }

    /// As [`Locked::pop`], but nothing if the oldest is a batch with claims left.
    pub(crate) fn pop_one(&self) -> Option<Item> {
        let mut entries = self.lock();
        let front = entries.front()?;
        let item = front.item;
        (front.left == ONCE).then(|| {
            entries.take_out();
            item
        })
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

    fn claim_as(&self, ticket: Ticket, then: impl FnOnce(u32) -> u32) -> Option<u32> {
        let mut entries = self.lock();
        let place = usize::try_from(ticket.0.checked_sub(entries.first)?).ok()?;
        let entry = entries.queue.get_mut(place)?;
        let left = entry.left.checked_sub(1)?;
        entry.left = then(entry.left);
        Some(left)
    }

    /// Whether there is nothing to pop.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().front().is_none()
    }

    /// How many entries there are. A batch is one.
    pub(crate) fn len(&self) -> usize {
        self.lock().queue.len()
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// The oldest entry with anything left.
    fn front(&mut self) -> Option<&mut Entry> {
        while self.queue.front()?.left == 0 {
            self.take_out();
        }
        self.queue.front_mut()
    }

    fn take_out(&mut self) {
        self.queue.pop_front();
        self.first += 1;
    }
}
