//! Which queue is for what.
//!
//! * [`deque`]: a thread's own forks and spawns. The owner works at the newest end, thieves take the oldest.
//! * [`injector`]: work from threads that own no deque. First in, first out; anybody pushes, anybody pops.
//! * [`slab`]: indices handed out and taken back without a lock: the memory under the injector.
//! * [`block`]: raw memory for tasks, in size classes, on top of the slab.
//!
//! The queues carry an [`Item`], two words, and know nothing else about it: they neither follow its pointer
//! nor drop it. Items that are still queued when a queue is dropped are forgotten; emptying it first is up to
//! whoever knows what the words mean.

pub(crate) mod block;
pub(crate) mod deque;
pub(crate) mod injector;
#[cfg(test)]
mod sample;
pub(crate) mod slab;

/// What the queues carry: a pointer and a word beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) ptr: *mut (),
    pub(crate) tag: u64,
}
