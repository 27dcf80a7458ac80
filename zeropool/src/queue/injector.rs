//! A line of waiters: first come, first served, and whoever stands in it may leave it. Unbounded; for any number of
//! threads ([`room`](super::room)).
//!
//! The list is Michael and Scott's (PODC 1996, doi 10.1145/248052.248106), in nodes that are recycled. An item can be claimed once:
//! by a pop when it is the oldest, or out of turn by whoever has its [`Ticket`]. The claim is one exchange on the *cursor* of its node.
#![doc = ""]
#![doc = include_str!("injector.md")]

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

/// In a cursor: the item is there to be claimed, or not any more.
const LEFT: u32 = 1;
const TAKEN: u32 = 0;

/// Names one item in the queue that it was pushed to, for as long as that lives: where it lies, and which use of that place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// The queue; see the module.
#[derive(Debug)]
pub(crate) struct Injector {
    /// Counted index of the node before the oldest one; its tag is the number of nodes taken out, modulo 2^32.
    head: CachePadded<AtomicU64>,
    /// Counted index of the last node, or of the one before it; its tag is the number of pushes, modulo 2^32.
    tail: CachePadded<AtomicU64>,
    nodes: Slab<Box<[Node]>>,
}

#[derive(Debug)]
struct Node {
    item: AtomicPtr<()>,
    /// Counted index of the successor, or of `NIL`. Its tag never goes back, whatever the node is used for.
    next: AtomicU64,
    /// The number of this use of the node, which is the tag that `next` had when it began, above; `LEFT` or `TAKEN` below.
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
    pub(crate) fn push(&self, item: *mut ()) -> Ticket {
        let index = self.nodes.acquire();
        let node = self.node(index);
        // Ordering: Relaxed; the exchange that links the node publishes the item.
        node.item.store(item, Relaxed);
        // Ordering: Relaxed load; acquiring the index made the last change visible, and there is no other.
        let used = unpack(node.next.load(Relaxed)).0.wrapping_add(1);
        let counted = if cfg!(zeropool_broken = "injector_next_uncounted") {
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
        // A store is enough: the cursor says that the item is taken, and so nobody exchanges it.
        // Ordering: Release pairs with the loads of `cursor` in consumers that still take this node for the oldest one:
        // they then see that `head` has moved on since.
        node.cursor.store(cursor(used, LEFT), in_use);
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
                return Ticket(pack(used, index));
            }
        }
    }

    /// Claims the oldest item.
    pub(crate) fn pop(&self) -> Option<*mut ()> {
        loop {
            let front = self.front()?;
            let node = front.node;
            let (used, left) = unpack(front.cursor);
            if left == TAKEN {
                self.take_out(&front);
                continue;
            }
            // Was this use of the node the oldest when we read it? If so it still is when the exchange succeeds, as
            // `head` passes an item only when it is taken.
            // Ordering: Relaxed; if the node was recycled, reading its new cursor has acquired that `head` has moved.
            if !cfg!(zeropool_broken = "injector_front_unchecked")
                && self.head.load(Relaxed) != front.head
            {
                continue;
            }
            // Ordering: Relaxed; acquired with `next`, and worth something only if the exchange below succeeds. Before
            // it: after the claim the node may be used again.
            let item = || node.item.load(Relaxed);
            let late = cfg!(zeropool_broken = "injector_item_after_claim");
            let early = if late { None } else { Some(item()) };
            if Self::take(&node.cursor, used) {
                self.take_out(&front);
                return Some(early.unwrap_or_else(item));
            }
        }
    }

    /// Claims the item that was pushed with this ticket, wherever it lies in the queue. False if somebody has.
    pub(crate) fn claim(&self, ticket: Ticket) -> bool {
        let (used, index) = unpack(ticket.0);
        Self::take(&self.node(index).cursor, used)
    }

    /// Is the item that was pushed with this ticket still there?
    pub(crate) fn is_left(&self, ticket: Ticket) -> bool {
        let (used, index) = unpack(ticket.0);
        // Ordering: Acquire: whoever sees that it is taken sees what was done before the claim.
        self.node(index).cursor.load(Acquire) == cursor(used, LEFT)
    }

    fn take(word: &AtomicU64, used: u32) -> bool {
        let (left, taken) = (cursor(used, LEFT), cursor(used, TAKEN));
        if cfg!(zeropool_broken = "injector_claim_by_store") {
            word.store(taken, Release);
            return true;
        }
        // Ordering: Release pairs with the Acquire of whoever finds it taken and takes the node out: the claimer
        // has read the item before it is overwritten. Acquire on failure, as in `is_left`.
        word.compare_exchange(left, taken, Release, Acquire).is_ok()
    }

    /// The oldest node, if there is one. It may be taken.
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
            // Ordering: Acquire pairs with the Release in `push` and in `take`.
            let cursor = node.cursor.load(Acquire);
            return Some(Front {
                head,
                index,
                node,
                cursor,
            });
        }
    }

    /// Moves `head` to the oldest node, unless somebody else was faster. The node before it is free then.
    #[inline(always)]
    fn take_out(&self, front: &Front<'_>) {
        if self.advance(&self.head, front.head, front.index) {
            self.nodes.release(unpack(front.head).1);
        }
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

/// A cursor. (The broken variant takes all uses for one.)
fn cursor(used: u32, left: u32) -> u64 {
    let counted = !cfg!(zeropool_broken = "injector_use_uncounted");
    pack(if counted { used } else { 0 }, left)
}

impl Storage for Box<[Node]> {
    type Shape = ();

    fn with_capacity((): (), n: usize) -> Self {
        let node = |_| Node {
            item: AtomicPtr::default(),
            next: AtomicU64::new(pack(0, NIL)),
            cursor: AtomicU64::default(),
        };
        (0..n).map(node).collect()
    }
}
