//! Which queue is for what.
//!
//! * [`deque`]: a thread's own forks and spawns. The owner works at the newest end, thieves take the oldest.
//! * [`global`]: work that is nobody's own. First in, first out; anybody pushes, anybody pops. One interface over three kinds:
//!   [`segments`], without a bound; [`ring`], with one; [`locked`], a mutex, to compare them with.
//! * [`room`]: who waits for a place in a queue with a bound; they stand in an [`injector`], a line that can be left out of turn.
//! * [`sweeping`]: who takes out of a queue what is of no use any more.
//! * [`stack`]: a list on which anybody pushes, and whose owner takes everything at once.
//! * [`slab`]: indices handed out and taken back without a lock: the memory under the segments, the injector and the blocks.
//! * [`block`]: raw memory for tasks, in size classes, on top of the slab; each desk has a few free blocks at hand.
//!
//! The queues carry pointers, some of them with a word beside it ([`Item`]), and know nothing else about them: they neither follow
//! nor drop them. Items that are still queued when a queue is dropped are forgotten; emptying it first is up to
//! whoever knows what the words mean.

pub(crate) mod block;
pub(crate) mod deque;
#[cfg(not(zeropool_loom))]
pub(crate) mod global;
pub(crate) mod injector;
#[cfg(not(zeropool_loom))]
mod locked;
pub(crate) mod ring;
pub(crate) mod room;
#[cfg(test)]
mod sample;
pub(crate) mod segments;
pub(crate) mod slab;
pub(crate) mod stack;
pub(crate) mod sweeping;

/// What the queues carry: a pointer and a word beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) ptr: *mut (),
    pub(crate) tag: u64,
}
