//! The global queue without a bound: first in, first out, for any number of producers and consumers.
//!
//! Items lie side by side in *segments*, 63 to each. A push is one exchange on the place it fills, a pop one on `head`; everything
//! else happens once in several items. It is not for a thread's own work, which has a deque.
#![doc = ""]
#![doc = include_str!("segments.md")]

use super::slab::{Slab, Storage, pack, unpack};
use crate::sync::{
    AtomicPtr, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use crossbeam_utils::CachePadded;
use std::ptr;

#[cfg(test)]
mod model;
#[cfg(all(test, not(zeropool_loom)))]
mod tests;

/// log2 of the positions that a segment takes up.
const SPAN_LOG2: u32 = if SMALL { 2 } else { 6 };

/// The places of a segment; the position behind them stands for the link to the next one.
const PLACES: usize = (1 << SPAN_LOG2) - 1;

/// `tail` moves once in so many places.
const STRIDE: usize = if SMALL { 2 } else { 8 };

/// Under a checker, so that it sees several segments.
const SMALL: bool = cfg!(any(zeropool_loom, miri));

/// Of an end, for the index of its segment; the position is above.
const INDEX_BITS: u32 = 26;

/// Not an index: what the last segment's `next` holds.
const NIL: u32 = u32::MAX;

/// The queue; see the module. It carries pointers with even addresses and never follows them.
#[derive(Debug)]
pub(crate) struct Segments {
    /// Of the oldest item, or of the next one if there is none.
    head: CachePadded<AtomicU64>,
    /// No place before it is empty.
    tail: CachePadded<AtomicU64>,
    slab: Slab<Box<[Segment]>>,
}

/// Eight cache lines.
#[derive(Debug)]
#[repr(C, align(128))]
struct Segment {
    /// Items, and behind them what [`empty`] says for the segment's number.
    places: [AtomicPtr<()>; PLACES],
    /// The segment's number above, the index of its successor or `NIL` below.
    next: AtomicU64,
}

/// Where an item lies: a position, which counts up for ever, and the segment that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    position: u64,
    index: u32,
}

impl End {
    /// The start of the segment with this number.
    fn first(number: u32, index: u32) -> Self {
        Self {
            position: u64::from(number) << SPAN_LOG2,
            index,
        }
    }

    #[inline(always)]
    fn from_word(word: u64) -> Self {
        Self {
            position: word >> INDEX_BITS,
            index: word as u32 & ((1 << INDEX_BITS) - 1),
        }
    }

    #[inline(always)]
    fn word(self) -> u64 {
        self.position << INDEX_BITS | u64::from(self.index)
    }

    /// Of its segment.
    #[inline(always)]
    fn number(self) -> u32 {
        (self.position >> SPAN_LOG2) as u32
    }

    /// In its segment; `PLACES` for the link.
    #[inline(always)]
    fn offset(self) -> usize {
        self.position as usize & PLACES
    }

    /// Further on in the same segment.
    #[inline(always)]
    fn at(self, offset: usize) -> Self {
        Self {
            position: (self.position & !(PLACES as u64)) | offset as u64,
            ..self
        }
    }

    /// How many places there are before it, modulo 2^32.
    fn places_before(self) -> u32 {
        let before = self.number().wrapping_mul(PLACES as u32);
        before.wrapping_add(self.offset() as u32)
    }
}

/// What lies in a place of the segment with this number that was never filled. An odd address, so it is no item.
#[inline(always)]
fn empty(number: u32) -> *mut () {
    let number = if cfg!(zeropool_broken = "segments_places_uncounted") {
        0
    } else {
        number
    };
    ptr::without_provenance_mut((number as usize) << 1 | 1)
}

impl Segments {
    pub(crate) fn new() -> Self {
        let slab = Slab::<Box<[Segment]>>::with_shape(1, ());
        let first = End::first(0, slab.acquire());
        let queue = Self {
            head: CachePadded::new(AtomicU64::new(first.word())),
            tail: CachePadded::new(AtomicU64::new(first.word())),
            slab,
        };
        queue.segment(first.index).reset(0);
        queue
    }

    /// Adds an item at the end. Never waits for another thread; allocates only when the queue is longer than ever before.
    ///
    /// What the caller did before is visible to whoever pops the item, and what a thread did that found the queue empty with
    /// [`Segments::is_empty_for_sleeper`] before is visible to the caller.
    #[inline]
    pub(crate) fn push(&self, item: *mut ()) {
        debug_assert!(item.addr().is_multiple_of(2), "odd addresses are not items");
        // Ordering: Acquire pairs with the Release in `advance`: the segment is as it was made, and filled up to here.
        let mut at = End::from_word(self.tail.load(Acquire));
        loop {
            let segment = self.segment(at.index);
            if let Some(offset) = segment.fill(at, item) {
                if (offset + 1).is_multiple_of(STRIDE) {
                    self.advance(&self.tail, at, at.at(offset + 1));
                }
                return;
            }
            if self.append(at, segment, item) {
                return;
            }
            // Ordering: Acquire, as above. What the calls have seen last makes visible that `tail` has moved.
            at = End::from_word(self.tail.load(Acquire));
        }
    }

    /// The segment is full: puts one behind it, which begins with the item. False if somebody else was faster; then `tail` has moved on.
    #[cold]
    #[inline(never)]
    fn append(&self, at: End, full: &Segment, item: *mut ()) -> bool {
        let number = at.number();
        // Ordering: Acquire pairs with the Release of the exchange below, and of the store in `reset`.
        let (of, successor) = unpack(full.next.load(Acquire));
        if of != number {
            return false;
        }
        if successor != NIL {
            self.advance(
                &self.tail,
                at,
                End::first(number.wrapping_add(1), successor),
            );
            return false;
        }
        let index = self.slab.acquire();
        assert!(index < 1 << INDEX_BITS, "too many tasks in one queue");
        // Others may have linked this very segment, filled it and given it back since `next` was read. It must not get that number again.
        // Ordering: Acquire, as above. Not older than the link, which was acquired with the segment if that was ever linked here.
        if full.next.load(Acquire) != pack(number, NIL)
            && !cfg!(zeropool_broken = "segments_number_twice")
        {
            self.slab.release(index);
            return false;
        }
        let new = self.segment(index);
        new.reset(number.wrapping_add(1));
        // Ordering: Relaxed; published by the exchange.
        new.places[0].store(item, Relaxed);
        // Ordering: Release publishes the segment and the item to the Acquire loads of `next`; Acquire as in `Segment::fill`.
        let linked =
            full.next
                .compare_exchange(pack(number, NIL), pack(number, index), AcqRel, Acquire);
        if linked.is_err() {
            self.slab.release(index);
            return false;
        }
        self.advance(&self.tail, at, End::first(number.wrapping_add(1), index));
        true
    }

    /// Takes the oldest item.
    #[inline]
    pub(crate) fn pop(&self) -> Option<*mut ()> {
        // Ordering: Acquire, here and on failure, pairs with the Release in `advance`: the segment is as it was made.
        let mut word = self.head.load(Acquire);
        loop {
            let at = End::from_word(word);
            let segment = self.segment(at.index);
            let Some(place) = segment.places.get(at.offset()) else {
                if !self.enter_next(at, segment) {
                    return None;
                }
                word = self.head.load(Acquire);
                continue;
            };
            // Ordering: Acquire pairs with the Release in `fill`: what the item points to is visible.
            let item = place.load(Acquire);
            if item == empty(at.number()) {
                return None;
            }
            // Ordering: Release pairs with the Acquire of whoever takes the segment out: the item was read before the place is
            // used again.
            let next = at.at(at.offset() + 1).word();
            match self.head.compare_exchange(word, next, AcqRel, Acquire) {
                Ok(_) => return Some(item),
                Err(newer) => word = newer,
            }
        }
    }

    /// `head` is at the link of its segment: moves it to the next one. False if there is none; true also if somebody else was faster.
    #[cold]
    #[inline(never)]
    fn enter_next(&self, at: End, segment: &Segment) -> bool {
        // Ordering: Acquire, as in `append`.
        let (of, successor) = unpack(segment.next.load(Acquire));
        if of != at.number() {
            return true;
        }
        if successor == NIL {
            return false;
        }
        let next = End::first(at.number().wrapping_add(1), successor);
        if !cfg!(zeropool_broken = "segments_head_overtakes") {
            // `tail` must be beyond the segment before that is released.
            // Ordering: Acquire; not older than what the last mover of `head` saw.
            let tail = End::from_word(self.tail.load(Acquire));
            if tail.number() == at.number() {
                self.advance(&self.tail, tail, next);
                return true;
            }
        }
        if self.advance(&self.head, at, next) {
            self.slab.release(at.index);
        }
        true
    }

    /// Whether there is nothing to pop. May be outdated at once; an item that was there before the call and stays there is never
    /// overlooked.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.looks_empty(
            |place, none| place.load(Acquire) == none,
            |next| next.load(Acquire),
        )
    }

    /// As [`Segments::is_empty`], and if so, whoever pushes next sees everything that the caller did before this look. An exchange,
    /// so it slows down who pushes.
    pub(crate) fn is_empty_for_sleeper(&self) -> bool {
        if cfg!(zeropool_broken = "segments_look_without_exchange") {
            return self.is_empty();
        }
        self.looks_empty(
            // Ordering: Release pairs with the Acquire of the exchange that fills this place. Acquire as in `pop`.
            |place, none| place.compare_exchange(none, none, AcqRel, Acquire).is_ok(),
            // Ordering: the same for the exchange on the link. Adds nothing, so it changes nothing.
            |next| next.fetch_add(0, AcqRel),
        )
    }

    #[inline(always)]
    fn looks_empty(
        &self,
        is_place_empty: impl Fn(&AtomicPtr<()>, *mut ()) -> bool,
        link: impl Fn(&AtomicU64) -> u64,
    ) -> bool {
        loop {
            // Ordering: Acquire, as in `pop`.
            let word = self.head.load(Acquire);
            let at = End::from_word(word);
            let segment = self.segment(at.index);
            match segment.places.get(at.offset()) {
                Some(place) if is_place_empty(place, empty(at.number())) => return true,
                Some(_) => {}
                None => match unpack(link(&segment.next)) {
                    (of, NIL) if of == at.number() => return true,
                    _ => {}
                },
            }
            // Ordering: Acquire, as in `pop`. Something lies there, unless the segment is in another use by now.
            if self.head.load(Acquire) == word {
                return false;
            }
        }
    }

    /// How many items there are; while others are at work, how many of those that were there at some moment are left at a later one, and
    /// 0 only if there was none.
    pub(crate) fn len(&self) -> usize {
        // Ordering: Acquire, as in `pop`.
        let head = || End::from_word(self.head.load(Acquire));
        loop {
            let early = cfg!(zeropool_broken = "segments_head_before_end").then(head);
            let end = self.end();
            // After the end, or what went through the queue in between would count.
            let first = early.unwrap_or_else(head);
            let between = end.places_before().wrapping_sub(first.places_before());
            // Negative if all of them were popped in between.
            if between.cast_signed() > 0 {
                return between as usize;
            }
            if self.is_empty() {
                return 0;
            }
        }
    }

    /// Where the next item will lie.
    fn end(&self) -> End {
        // Ordering: Acquire, as in `push`.
        let tail = || End::from_word(self.tail.load(Acquire));
        let mut end = tail();
        loop {
            let segment = self.segment(end.index);
            end = end.at(segment.filled(end));
            // Ordering: Acquire, as in `append`.
            let (of, successor) = unpack(segment.next.load(Acquire));
            if of != end.number() {
                // Used again meanwhile, so `tail` has moved.
                end = tail();
            } else if end.offset() < PLACES || successor == NIL {
                return end;
            } else {
                end = End::first(of.wrapping_add(1), successor);
            }
        }
    }

    /// Moves an end, unless somebody else was faster.
    #[inline]
    fn advance(&self, end: &AtomicU64, from: End, to: End) -> bool {
        // Ordering: Release pairs with the Acquire loads of `head` and `tail`: what this thread has seen of the segments is visible,
        // and what it has read of them is over.
        end.compare_exchange(from.word(), to.word(), AcqRel, Relaxed)
            .is_ok()
    }

    #[inline(always)]
    fn segment(&self, index: u32) -> &Segment {
        let (chunk, offset) = self.slab.locate(index);
        &chunk[offset]
    }
}

impl Segment {
    /// Puts an item into the first empty place, no earlier than `at` says. `None` if there is none, or the segment has another number
    /// by now.
    #[inline(always)]
    fn fill(&self, at: End, item: *mut ()) -> Option<usize> {
        let none = empty(at.number());
        for (offset, place) in self.places.iter().enumerate().skip(at.offset()) {
            // A look first spares the places that are full the exchange.
            // Ordering: Acquire, here and on failure: who fills a place behind another one sees what that one's filler saw.
            if place.load(Acquire) != none {
                continue;
            }
            let publish = if cfg!(zeropool_broken = "segments_fill_relaxed") {
                Relaxed
            } else {
                AcqRel
            };
            // Ordering: Release publishes the item to the Acquire in `pop`. Acquire pairs with the Release in
            // `is_empty_for_sleeper`.
            if place.compare_exchange(none, item, publish, Acquire).is_ok() {
                return Some(offset);
            }
        }
        None
    }

    /// The offset of the first empty place, no earlier than `at` says.
    fn filled(&self, at: End) -> usize {
        let none = empty(at.number());
        let mut rest = self.places.iter().enumerate().skip(at.offset());
        // Ordering: Acquire, as in `fill`.
        rest.find(|(_, place)| place.load(Acquire) == none)
            .map_or(PLACES, |(offset, _)| offset)
    }

    /// Begins a use; the caller has the segment to itself, but for threads that still take it for what it was.
    fn reset(&self, number: u32) {
        for place in &self.places {
            // Ordering: Relaxed; published with the segment.
            place.store(empty(number), Relaxed);
        }
        // Ordering: Release pairs with the loads of `next` in threads that still take this for a former use: they then see that
        // `tail` and `head` have moved on since.
        self.next.store(pack(number, NIL), Release);
    }
}

impl Storage for Box<[Segment]> {
    type Shape = ();

    fn with_capacity((): (), n: usize) -> Self {
        let segment = |_| Segment {
            places: std::array::from_fn(|_| AtomicPtr::default()),
            next: AtomicU64::default(),
        };
        (0..n).map(segment).collect()
    }
}
