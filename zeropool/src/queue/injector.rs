//! A queue of entries that can also be claimed out of turn, by ticket: first in, first out otherwise; unbounded; for any number of
//! producers and consumers. Whoever waits for room stands in one ([`room`](super::room)).
//!
//! The list is Michael and Scott's (PODC 1996, doi 10.1145/248052.248106), in nodes that are recycled. Every operation is two or three
//! contended exchanges; tasks lie in [`segments`](super::segments).
//!
//! A node holds one item and says how often it may be claimed: once, or, as a batch, as often as it has parts. A claim of
//! a batch is one exchange on the *cursor* of its node, which counts down; the last one takes the node out of the
//! queue. Whoever has the [`Ticket`] of a batch may claim from it wherever it lies.
#![doc = ""]
#![doc = include_str!("injector.md")]

use super::slab::{Slab, Storage, pack, unpack};
use super::{Item, Popped, Ticket};
use crate::sync::{
    AtomicPtr, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crossbeam_utils::CachePadded;
use std::num::NonZeroU32;

#[cfg(test)]
mod model;
#[cfg(all(test, not(zeropool_loom)))]
mod tests;

/// Not an index: what the last node's `next` holds.
const NIL: u32 = u32::MAX;

/// In place of a number of claims: the item is whose exchange moves `head` to it.
pub(super) const ONCE: u32 = u32::MAX;

/// The queue; see the module.
#[derive(Debug)]
pub(crate) struct Injector {
    /// Counted index of the node before the oldest one; its tag is the number of nodes taken out, modulo 2^32.
    head: CachePadded<AtomicU64>,
    /// Counted index of the last node, or of the one before it; its tag is the number of pushes, modulo 2^32.
    tail: CachePadded<AtomicU64>,
    nodes: Slab<Box<[Node]>>,
}

/// Half a cache line.
#[derive(Debug)]
struct Node {
    ptr: AtomicPtr<()>,
    tag: AtomicU64,
    /// Counted index of the successor, or of `NIL`. Its tag never goes back, whatever the node is used for.
    next: AtomicU64,
    /// The number of this use of the node, which is the tag that `next` had when it began, above; the claims that are
    /// left, or `ONCE`, below.
    cursor: AtomicU64,
}

/// The oldest node as one look found it.
struct Front<'a> {
    /// The value of `head`, which names the node before.
    head: u64,
    index: u32,
    node: &'a Node,
    cursor: u64,
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
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "in use for batches of one only, see `room`")
    )]
    pub(crate) fn push(&self, item: Item) {
        self.push_node(item, ONCE);
    }

    /// Adds an item that `claims` claims share, in one node. Costs what [`Injector::push`] costs.
    pub(crate) fn push_batch(&self, item: Item, claims: NonZeroU32) -> Ticket {
        assert!(claims.get() != ONCE, "a batch has fewer claims than that");
        Ticket(self.push_node(item, claims.get()))
    }

    /// Returns the use of the node, above its index.
    #[inline]
    fn push_node(&self, item: Item, claims: u32) -> u64 {
        let index = self.nodes.acquire();
        let node = self.node(index);
        // Ordering: Relaxed; the exchange that links the node publishes the item.
        node.ptr.store(item.ptr, Relaxed);
        node.tag.store(item.tag, Relaxed);
        // Ordering: Relaxed load; acquiring the index made the last change visible, and there is no other.
        let used = unpack(node.next.load(Relaxed)).0.wrapping_add(1);
        let counted = if cfg!(zeropool_broken = "injector_next_uncounted") {
            0
        } else {
            used
        };
        let in_cursor = if cfg!(zeropool_broken = "injector_use_uncounted") {
            0
        } else {
            used
        };
        let reuse = if cfg!(zeropool_broken = "injector_reuse_relaxed") {
            Relaxed
        } else {
            Release
        };
        let in_use = if cfg!(zeropool_broken = "injector_cursor_relaxed") {
            Relaxed
        } else {
            Release
        };
        // A store is enough: the cursor says that nothing is left, or `ONCE`, and so nobody exchanges it.
        // Ordering: Release pairs with the loads of `cursor` in consumers that still take this node for the oldest one:
        // they then see that `head` has moved on since.
        node.cursor.store(pack(in_cursor, claims), in_use);
        // Ordering: Release pairs with the loads of `next` in threads that still take this node for the last or
        // the first one: they then see that `tail` and `head` have moved on since.
        node.next.store(pack(counted, NIL), reuse);
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
                return pack(used, index);
            }
        }
    }

    /// Takes the oldest item, or claims a part of the oldest batch.
    pub(crate) fn pop(&self) -> Option<Popped> {
        loop {
            let front = self.front()?;
            let node = front.node;
            // Ordering: Relaxed; acquired with `next`, and worth something only if the exchange below succeeds. Before
            // it: after the last claim the node may be used again.
            let item = || Item {
                ptr: node.ptr.load(Relaxed),
                tag: node.tag.load(Relaxed),
            };
            let (in_use, left) = unpack(front.cursor);
            if left == ONCE {
                let item = item();
                if self.take_out(&front) {
                    return Some(Popped::One(item));
                }
                continue;
            }
            if left == 0 {
                self.take_out(&front);
                continue;
            }
            // Was this use of the node the oldest when we read it? If so it still is when the exchange succeeds, as
            // `head` passes a batch only when nothing is left of it.
            // Ordering: Relaxed; if the node was recycled, reading its new cursor has acquired that `head` has moved.
            if !cfg!(zeropool_broken = "injector_front_unchecked")
                && self.head.load(Relaxed) != front.head
            {
                continue;
            }
            let late = cfg!(zeropool_broken = "injector_item_after_claim");
            let early = if late { None } else { Some(item()) };
            if Self::exchange(&node.cursor, front.cursor, pack(in_use, left - 1)).is_ok() {
                if left == 1 {
                    self.take_out(&front);
                }
                return Some(Popped::Part(early.unwrap_or_else(item), left - 1));
            }
        }
    }

    /// Claims a part of the batch that was pushed with this ticket, wherever it lies in the queue. Returns how many are
    /// left after it, as [`Popped::Part`] says; `None` if nothing was.
    pub(crate) fn claim(&self, ticket: Ticket) -> Option<u32> {
        self.claim_as(ticket, |left| left - 1)
    }

    /// Claims all that is left of the batch with this ticket, and returns how much that was.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "in use for batches of one only, see `room`")
    )]
    pub(crate) fn claim_rest(&self, ticket: Ticket) -> u32 {
        self.claim_as(ticket, |_| 0).map_or(0, |left| left + 1)
    }

    /// Exchanges what is left for `then(left)`. Returns one less than what was left.
    fn claim_as(&self, ticket: Ticket, then: impl Fn(u32) -> u32) -> Option<u32> {
        let (used, index) = unpack(ticket.0);
        let node = self.node(index);
        // Ordering: Acquire, here and on failure: whoever sees that nothing is left sees what was done before the claims.
        let mut cursor = node.cursor.load(Acquire);
        loop {
            let (in_use, left) = unpack(cursor);
            let other = if cfg!(zeropool_broken = "injector_use_uncounted") {
                left == ONCE
            } else {
                in_use != used
            };
            if other || left == 0 {
                return None;
            }
            match Self::exchange(&node.cursor, cursor, pack(in_use, then(left))) {
                Ok(_) => return Some(left - 1),
                Err(newer) => cursor = newer,
            }
        }
    }

    /// Is anything left of the batch with this ticket?
    pub(crate) fn has_left(&self, ticket: Ticket) -> bool {
        let (used, index) = unpack(ticket.0);
        // Ordering: Acquire, as in `claim_as`.
        let (in_use, left) = unpack(self.node(index).cursor.load(Acquire));
        in_use == used && left != 0
    }

    fn exchange(cursor: &AtomicU64, from: u64, to: u64) -> Result<u64, u64> {
        if cfg!(zeropool_broken = "injector_claim_by_store") {
            cursor.store(to, Release);
            return Ok(from);
        }
        // Ordering: Release pairs with the Acquire of whoever finds nothing left and takes the node out: the claimers
        // have read the item before it is overwritten. All changes of one use form one release sequence.
        cursor.compare_exchange(from, to, Release, Acquire)
    }

    /// The oldest node, if there is one. It may be a batch that was claimed to its end by tickets.
    #[inline(always)]
    fn front(&self) -> Option<Front<'_>> {
        loop {
            // Ordering: Acquire, all three. `head` makes `tail` visible as its last mover saw it, so `tail`
            // is not read as older than `head`; `tail` makes the links up to there visible; `next` the item.
            let head = self.head.load(Acquire);
            let tail = self.tail.load(Acquire);
            let first = unpack(head).1;
            let next = self.node(first).next.load(Acquire);
            let index = unpack(next).1;
            if index == NIL {
                // Ordering: Relaxed; if the node was recycled, reading its new `next` has acquired that.
                if self.head.load(Relaxed) == head {
                    return None;
                }
                continue;
            }
            if first == unpack(tail).1 {
                // `tail` is behind. It must move first: the node is about to be released.
                if !cfg!(zeropool_broken = "injector_head_overtakes") {
                    self.advance(&self.tail, tail, index);
                    continue;
                }
            }
            let node = self.node(index);
            // Ordering: Acquire pairs with the Release in `push_node` and in `exchange`.
            let cursor = node.cursor.load(Acquire);
            return Some(Front {
                head,
                index,
                node,
                cursor,
            });
        }
    }

    /// Moves `head` to the oldest node; true for the one who did. The node before it is free then.
    #[inline(always)]
    fn take_out(&self, front: &Front<'_>) -> bool {
        let moved = self.advance(&self.head, front.head, front.index);
        if moved {
            self.nodes.release(unpack(front.head).1);
        }
        moved
    }

    /// Whether there is nothing to pop. May be outdated at once; an item that was there before the call and
    /// stays there is never overlooked.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        loop {
            let Some(front) = self.front() else {
                return true;
            };
            // Ordering: as in `pop`.
            if self.head.load(Relaxed) != front.head {
                continue;
            }
            if unpack(front.cursor).1 != 0 {
                return false;
            }
            self.take_out(&front);
        }
    }

    /// How many nodes there are, roughly while others are at work. A batch is one.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "in use for batches of one only, see `room`")
    )]
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
            cursor: AtomicU64::default(),
        };
        (0..n).map(node).collect()
    }
}
