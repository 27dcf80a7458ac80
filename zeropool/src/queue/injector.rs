//! Work from outside: an unbounded first-in, first-out queue for any number of producers and consumers.
//!
//! The algorithm is Michael and Scott's (PODC 1996, doi 10.1145/248052.248106). It is not for a thread's own
//! work, which has a deque: here every operation is two or three contended exchanges.
//!
//! # Shape
//!
//! A linked list. `head` names the node *before* the oldest item, so an empty queue has one node, and `tail`
//! the last node or the one before it. To push is to link a node behind the last one, then to move `tail` on;
//! whoever finds `tail` behind moves it first, so nobody waits for a producer that sleeps between the two. To
//! pop is to read the item of `head`'s successor and then to move `head` there; the old node is free.
//!
//! ```text
//!   head ─► [ – ] ─► [ a ] ─► [ b ] ─► [ c ] ─► nil
//!                                        ▲
//!   tail ────────────────────────────────┘
//! ```
//!
//! # Memory, and why recycling it at once is safe
//!
//! Nodes come from a [`Slab`] and go back to it with each pop. Their memory stays until the queue is dropped,
//! and all of it is atomics, so a thread with an old index reads stale words, never freed ones. To keep stale
//! words from doing harm, `head`, `tail` and every `next` are *counted*: a tag beside the index, which every
//! change increases, and which in `next` goes on counting when the node is used again.
//!
//! * A thread that read `tail = T`, then `T.next = nil`, then `tail = T` again, knows that the nil is from
//!   while `T` was last. If its exchange on `T.next` succeeds, the tag says that nothing was linked there
//!   since; a node leaves the queue only with a successor, so `T` is still in it, and last.
//! * A thread whose exchange on `head` succeeds knows that `head` did not move since it read it. So the
//!   successor was in the queue and its item unchanged when the item was read.
//! * A popped node is released only once `tail` was seen beyond it, so `tail` never names a free node.
//!
//! A tag has 32 bits: the protection fails if one thread stalls inside its operation while the others do
//! exactly a multiple of 2^32 changes of that word and leave the same index there.
//!
//! # Orderings
//!
//! Loads acquire and exchanges release, and nothing needs a total order. `head` and `tail` are changed only by
//! read-modify-writes, so each is one release sequence: to read a value acquires every change before it.

use super::Item;
use super::slab::{Slab, Storage, pack, unpack};
use crate::sync::{
    AtomicPtr, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crossbeam_utils::CachePadded;

#[cfg(test)]
mod model;
#[cfg(all(test, not(zeropool_loom)))]
mod tests;

/// Not an index: what the last node's `next` holds.
const NIL: u32 = u32::MAX;

/// The queue; see the module.
#[derive(Debug)]
pub(crate) struct Injector {
    /// Counted index of the node before the oldest item; its tag is the number of pops, modulo 2^32.
    head: CachePadded<AtomicU64>,
    /// Counted index of the last node, or of the one before it; its tag is the number of pushes, modulo 2^32.
    tail: CachePadded<AtomicU64>,
    nodes: Slab<Box<[Node]>>,
}

#[derive(Debug)]
struct Node {
    ptr: AtomicPtr<()>,
    tag: AtomicU64,
    /// Counted index of the successor, or of `NIL`. Its tag never goes back, whatever the node is used for.
    next: AtomicU64,
}

impl Injector {
    pub(crate) fn new() -> Self {
        let nodes = Slab::<Box<[Node]>>::new();
        let first = nodes.acquire();
        Self {
            head: CachePadded::new(AtomicU64::new(pack(0, first))),
            tail: CachePadded::new(AtomicU64::new(pack(0, first))),
            nodes,
        }
    }

    /// Adds an item at the end. Never waits for another thread; allocates only when the queue is longer than
    /// ever before.
    ///
    /// Does not order the push before a later look at who sleeps: a caller that needs that puts its own
    /// `SeqCst` fence in between.
    pub(crate) fn push(&self, item: Item) {
        let index = self.nodes.acquire();
        let node = self.node(index);
        // Ordering: Relaxed; the exchange that links the node publishes the item.
        node.ptr.store(item.ptr, Relaxed);
        node.tag.store(item.tag, Relaxed);
        // Ordering: Relaxed load; acquiring the index made the last change visible, and there is no other.
        let used = if cfg!(zeropool_broken = "injector_next_uncounted") {
            0
        } else {
            unpack(node.next.load(Relaxed)).0.wrapping_add(1)
        };
        let reuse = if cfg!(zeropool_broken = "injector_reuse_relaxed") {
            Relaxed
        } else {
            Release
        };
        // Ordering: Release pairs with the loads of `next` in threads that still take this node for the last or
        // the first one: they then see that `tail` and `head` have moved on since.
        node.next.store(pack(used, NIL), reuse);
        loop {
            // Ordering: Acquire pairs with the exchanges on `tail`: the node's place and its `next` are visible.
            let tail = self.tail.load(Acquire);
            let last = self.node(unpack(tail).1);
            // Ordering: Acquire pairs with the Release of the exchange below and of the store above.
            let next = last.next.load(Acquire);
            // Ordering: Relaxed; the loads above have acquired what this must not be older than.
            if !cfg!(zeropool_broken = "injector_tail_unchecked") && self.tail.load(Relaxed) != tail
            {
                continue;
            }
            let (count, successor) = unpack(next);
            if successor != NIL {
                self.advance(&self.tail, tail, successor);
                continue;
            }
            let publish = if cfg!(zeropool_broken = "injector_link_relaxed") {
                Relaxed
            } else {
                Release
            };
            // Ordering: Release pairs with every Acquire load of `next`: the item is visible.
            if last
                .next
                .compare_exchange(next, pack(count.wrapping_add(1), index), publish, Relaxed)
                .is_ok()
            {
                self.advance(&self.tail, tail, index);
                return;
            }
        }
    }

    /// Takes the oldest item.
    pub(crate) fn pop(&self) -> Option<Item> {
        loop {
            // Ordering: Acquire, all three. `head` makes `tail` visible as its last mover saw it, so `tail`
            // is not read as older than `head`; `tail` makes the links up to there visible; `next` the item.
            let head = self.head.load(Acquire);
            let tail = self.tail.load(Acquire);
            let first = unpack(head).1;
            let next = self.node(first).next.load(Acquire);
            let successor = unpack(next).1;
            if successor == NIL {
                // Ordering: Relaxed; if the node was recycled, reading its new `next` has acquired that.
                if self.head.load(Relaxed) == head {
                    return None;
                }
                continue;
            }
            if first == unpack(tail).1 {
                // `tail` is behind. It must move first: the node is about to be released.
                if !cfg!(zeropool_broken = "injector_head_overtakes") {
                    self.advance(&self.tail, tail, successor);
                    continue;
                }
            }
            let node = self.node(successor);
            // Ordering: Relaxed; acquired with `next`, and worth something only if the exchange succeeds.
            let item = Item {
                ptr: node.ptr.load(Relaxed),
                tag: node.tag.load(Relaxed),
            };
            if self.advance(&self.head, head, successor) {
                self.nodes.release(first);
                return Some(item);
            }
        }
    }

    /// Whether there is nothing to pop. May be outdated at once; an item that was there before the call and
    /// stays there is never overlooked.
    pub(crate) fn is_empty(&self) -> bool {
        loop {
            // Ordering: as in `pop`.
            let head = self.head.load(Acquire);
            let next = self.node(unpack(head).1).next.load(Acquire);
            if self.head.load(Relaxed) == head {
                return unpack(next).1 == NIL;
            }
        }
    }

    /// How many items there are, roughly while others are at work.
    pub(crate) fn len(&self) -> usize {
        // Ordering: Relaxed; two counters that need not belong together. Pushes first: never too many by much.
        let (pushed, _) = unpack(self.tail.load(Relaxed));
        let (popped, _) = unpack(self.head.load(Relaxed));
        // The difference is negative if items were popped in between.
        pushed.wrapping_sub(popped).cast_signed().max(0) as usize
    }

    /// Moves `end` from the counted index `from` to `index`, unless somebody else was faster.
    #[inline]
    fn advance(&self, end: &AtomicU64, from: u64, index: u32) -> bool {
        let (tag, _) = unpack(from);
        let tag = if cfg!(zeropool_broken = "injector_ends_uncounted") {
            tag
        } else {
            tag.wrapping_add(1)
        };
        // Ordering: Release pairs with the Acquire loads of `head` and `tail`: what this thread has seen of the
        // list is visible, and what it has read of it is over, to whoever reads the new value. Nothing is read
        // here that the caller's load has not acquired.
        end.compare_exchange(from, pack(tag, index), Release, Relaxed)
            .is_ok()
    }

    #[inline(always)]
    fn node(&self, index: u32) -> &Node {
        let (chunk, offset) = self.nodes.locate(index);
        &chunk[offset]
    }
}

impl Storage for Box<[Node]> {
    type Shape = ();

    fn with_capacity((): (), n: usize) -> Self {
        let node = |_| Node {
            ptr: AtomicPtr::default(),
            tag: AtomicU64::default(),
            next: AtomicU64::new(pack(0, NIL)),
        };
        (0..n).map(node).collect()
    }
}
