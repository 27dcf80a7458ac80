//! The global queue in its three kinds, behind one interface.

use super::injector::Injector;
use super::locked::Locked;
use super::ring::Ring;
use super::{Item, Popped, Ticket};
use std::num::NonZeroU32;

#[cfg(test)]
mod tests;

/// What kind of queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// At most so many entries.
    pub(crate) capacity: Option<NonZeroU32>,
    /// Behind a mutex.
    pub(crate) locked: bool,
}

/// A queue for work that is nobody's own: first in, first out; anybody pushes, anybody pops.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there are few, and the usual kind is the largest"
)]
pub(crate) enum Global {
    Unbounded(Injector),
    Bounded(Ring),
    Locked(Locked),
}

/// Calls the method of whichever kind it is.
macro_rules! each {
    ($queue:expr, $q:ident => $call:expr) => {
        match $queue {
            Self::Unbounded($q) => $call,
            Self::Bounded($q) => $call,
            Self::Locked($q) => $call,
        }
    };
}

impl Global {
    pub(crate) fn new(kind: Kind) -> Self {
        match kind.capacity {
            capacity if kind.locked => Self::Locked(Locked::new(capacity)),
            Some(capacity) => Self::Bounded(Ring::new(capacity)),
            None => Self::Unbounded(Injector::new()),
        }
    }

    /// Adds an item at the end; it comes back if the queue is full.
    #[inline(always)]
    pub(crate) fn push(&self, item: Item) -> Result<(), Item> {
        match self {
            Self::Unbounded(queue) => {
                queue.push(item);
                Ok(())
            }
            Self::Bounded(queue) => queue.push(item),
            Self::Locked(queue) => queue.push(item),
        }
    }

    /// Adds an item that `claims` claims share, as one entry; `None` if the queue is full.
    ///
    /// # Panics
    /// If there are `u32::MAX` claims.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "for batches with claims of their own")
    )]
    pub(crate) fn push_batch(&self, item: Item, claims: NonZeroU32) -> Option<Ticket> {
        match self {
            Self::Unbounded(queue) => Some(queue.push_batch(item, claims)),
            Self::Bounded(queue) => queue.push_batch(item, claims),
            Self::Locked(queue) => queue.push_batch(item, claims),
        }
    }

    /// Adds an item that the caller has just popped; there is always room. One thread at a time may do so.
    pub(crate) fn push_back(&self, item: Item) {
        match self {
            Self::Unbounded(queue) => queue.push(item),
            Self::Bounded(queue) => queue.push_back(item),
            Self::Locked(queue) => queue.push_back(item),
        }
    }

    /// Takes the oldest item, or claims a part of the oldest batch.
    #[inline(always)]
    pub(crate) fn pop(&self) -> Option<Popped> {
        each!(self, queue => queue.pop())
    }

    /// As [`Global::pop`], but nothing if the oldest is a batch with claims left.
    pub(crate) fn pop_one(&self) -> Option<Item> {
        each!(self, queue => queue.pop_one())
    }

    /// Claims a part of the batch that was pushed here with this ticket, wherever it lies. Returns how many are left after it,
    /// as [`Popped::Part`] says; `None` if nothing was.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "for batches with claims of their own")
    )]
    pub(crate) fn claim(&self, ticket: Ticket) -> Option<u32> {
        each!(self, queue => queue.claim(ticket))
    }

    /// Claims all that is left of the batch with this ticket, and returns how much that was.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "for batches with claims of their own")
    )]
    pub(crate) fn claim_rest(&self, ticket: Ticket) -> u32 {
        each!(self, queue => queue.claim_rest(ticket))
    }

    /// Whether there is nothing to pop. May be outdated at once; an item that was there before the call and stays there is
    /// never overlooked, unless (with a bound) a push before it is not over yet.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        each!(self, queue => queue.is_empty())
    }

    /// How many entries there are, roughly while others are at work. A batch is one.
    pub(crate) fn len(&self) -> usize {
        each!(self, queue => queue.len())
    }
}
