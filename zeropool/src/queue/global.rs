//! The global queue in its three kinds, behind one interface.

use super::locked::Locked;
use super::ring::Ring;
use super::segments::Segments;
use std::num::NonZeroU32;

#[cfg(test)]
mod tests;

/// What kind of queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// At most so many items.
    pub(crate) capacity: Option<NonZeroU32>,
    /// Behind a mutex.
    pub(crate) locked: bool,
}

/// A queue for work that is nobody's own: first in, first out; anybody pushes, anybody pops. An item is a pointer with an even address,
/// which no queue follows.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there are few, and the usual kind is the largest"
)]
pub(crate) enum Global {
    Unbounded(Segments),
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
            None => Self::Unbounded(Segments::new()),
        }
    }

    /// Adds an item at the end; it comes back if the queue is full.
    #[inline(always)]
    pub(crate) fn push(&self, item: *mut ()) -> Result<(), *mut ()> {
        match self {
            Self::Unbounded(queue) => {
                queue.push(item);
                Ok(())
            }
            Self::Bounded(queue) => queue.push(item),
            Self::Locked(queue) => queue.push(item),
        }
    }

    /// Adds an item that the caller has just popped; there is always room. One thread at a time may do so.
    pub(crate) fn push_back(&self, item: *mut ()) {
        match self {
            Self::Unbounded(queue) => queue.push(item),
            Self::Bounded(queue) => queue.push_back(item),
            Self::Locked(queue) => queue.push_back(item),
        }
    }

    /// Takes the oldest item.
    #[inline(always)]
    pub(crate) fn pop(&self) -> Option<*mut ()> {
        each!(self, queue => queue.pop())
    }

    /// Whether there is nothing to pop. May be outdated at once; an item that was there before the call and stays there is
    /// never overlooked, unless (with a bound) a push before it is not over yet.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        each!(self, queue => queue.is_empty())
    }

    /// How many items there are, roughly while others are at work.
    pub(crate) fn len(&self) -> usize {
        each!(self, queue => queue.len())
    }
}
