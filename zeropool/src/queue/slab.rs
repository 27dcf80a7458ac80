#![allow(unsafe_code)] // Fences: the pointers to the chunks, which are shared by reference.
//! Indices handed out and taken back without a lock, and the memory they stand for.
//!
//! Elements live in chunks, each twice the size of the one before, which are installed when first needed and
//! freed when the slab is dropped. So an index stands for the same element for good, whoever holds it. The slab
//! keeps no account of who that is: [`Slab::acquire`] returns an index that nobody else holds, provided that
//! callers release only what they acquired, and once.
//!
//! # The free list
//!
//! Released indices form a stack (Treiber's): `free` holds the newest, `links[i]` what is below `i`. A thread
//! about to pop reads `free = a` and `links[a] = b` and exchanges `free` from `a` to `b`. Were `free` only an
//! index, others could meanwhile pop `a` and `b` and push `a` again: the exchange would succeed and put `b`, in
//! use, on the list. So `free` carries a tag beside the index, which every pop changes.
//!
//! The tag has 32 bits. The protection fails if one thread stalls between its read and its exchange while the
//! others do exactly a multiple of 2^32 pops and leave the same index on top. At full speed that is a stall of
//! half a minute that ends on one particular operation out of four thousand million.
//!
//! Links are atomics of their own, never part of an element, so reading the link of an index that somebody else
//! has popped and uses by now is stale, not a race.

use crate::sync::{
    AtomicPtr, AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crossbeam_utils::CachePadded;
use std::ptr;

#[cfg(test)]
mod model;
#[cfg(all(test, not(zeropool_loom)))]
mod tests;

/// Not an index: the end of the free list.
const NIL: u32 = u32::MAX;

/// Elements in the first chunk of a slab made with [`Slab::new`]; tiny under a checker, so that it sees growth.
const FIRST_CHUNK: u32 = if cfg!(any(zeropool_loom, miri)) {
    2
} else {
    32
};

/// With 32 chunks a slab can hold every index, whatever the first chunk's size. loom pays for each atomic.
const CHUNKS: u32 = if cfg!(zeropool_loom) { 4 } else { 32 };

/// A chunk of elements.
pub(crate) trait Storage: Send + Sync {
    /// What the chunks of one slab have in common; `()` if they differ in size only.
    type Shape: Copy + Send + Sync;

    /// Makes a chunk of `n` elements.
    fn with_capacity(shape: Self::Shape, n: usize) -> Self;
}

/// A stack of indices of one slab, which hold them by turns with the slab's free list and other such stacks. It means nothing
/// without its slab, where the links are.
#[derive(Debug)]
pub(crate) struct Stack {
    /// The newest index in the low half, or `NIL`; the tag in the high half. Every change is a read-modify-write, so all of them
    /// form one release sequence: reading any acquires all before it.
    top: AtomicU64,
}

impl Stack {
    pub(crate) fn new() -> Self {
        Self {
            top: AtomicU64::new(pack(0, NIL)),
        }
    }

    /// A guess, unless nobody else uses the stack.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        // Ordering: Relaxed; a guess.
        unpack(self.top.load(Relaxed)).1 == NIL
    }
}

/// Elements by index; see the module.
#[derive(Debug)]
pub(crate) struct Slab<S: Storage> {
    /// Released indices.
    free: CachePadded<Stack>,
    /// The smallest index never handed out.
    fresh: CachePadded<AtomicU32>,
    /// Chunk `k` holds `first_chunk << k` elements. Invariant: null, or from `Box::into_raw`; once set it
    /// stays, valid and only shared, until the slab is dropped.
    chunks: Box<[AtomicPtr<Chunk<S>>]>,
    /// log2 of the number of elements in the first chunk.
    first_chunk_log2: u32,
    shape: S::Shape,
}

#[derive(Debug)]
struct Chunk<S> {
    links: Box<[AtomicU32]>,
    storage: S,
}

impl<S: Storage<Shape = ()>> Slab<S> {
    pub(crate) fn new() -> Self {
        Self::with_shape(FIRST_CHUNK, ())
    }
}

impl<S: Storage> Slab<S> {
    /// A slab whose first chunk holds `first_chunk` elements, a power of two.
    pub(crate) fn with_shape(first_chunk: u32, shape: S::Shape) -> Self {
        assert!(first_chunk.is_power_of_two(), "a chunk is a power of two");
        Self {
            free: CachePadded::new(Stack::new()),
            fresh: CachePadded::new(AtomicU32::new(0)),
            chunks: (0..CHUNKS).map(|_| AtomicPtr::default()).collect(),
            first_chunk_log2: first_chunk.ilog2(),
            shape,
        }
    }

    /// Returns an index that nobody else holds. Allocates only when more are held than ever before.
    ///
    /// What the releaser did to the element is visible to the acquirer.
    ///
    /// # Panics
    ///
    /// If four thousand million indices are held at once.
    #[inline]
    pub(crate) fn acquire(&self) -> u32 {
        // Ordering: Acquire, here and on failure: pairs with the Release in `release`; the link and the chunk
        // it lies in are visible.
        let mut head = self.free.top.load(Acquire);
        loop {
            let (tag, index) = unpack(head);
            if index == NIL {
                return self.acquire_fresh();
            }
            // Ordering: Relaxed; stale if the index was popped meanwhile, and then the exchange fails.
            let below = self.link(index).load(Relaxed);
            let tag = if cfg!(zeropool_broken = "slab_untagged") {
                tag
            } else {
                tag.wrapping_add(1)
            };
            // Ordering: Acquire pairs with the Release in `release`: the element is as its releaser left it.
            match self
                .free
                .top
                .compare_exchange_weak(head, pack(tag, below), Acquire, Acquire)
            {
                Ok(_) => return index,
                Err(newer) => head = newer,
            }
        }
    }

    /// Takes up to `max` released indices in one exchange, and returns how many there were. `take` sees them first, one after
    /// the other with their numbers, and all of them anew whenever another thread was faster.
    ///
    /// Like [`Slab::acquire`], except that it never allocates: 0 if nothing is released at present.
    #[inline]
    pub(crate) fn acquire_many(
        &self,
        max: usize,
        take: impl FnMut(usize, u32, &S, usize),
    ) -> usize {
        self.pop_many(&self.free, max, take)
    }

    /// As [`Slab::acquire_many`], from a stack of the caller's.
    #[inline]
    pub(crate) fn pop_many(
        &self,
        stack: &Stack,
        max: usize,
        mut take: impl FnMut(usize, u32, &S, usize),
    ) -> usize {
        // Ordering: Acquire, here and on failure, as in `acquire`: the whole list is visible as it was when this head was
        // written.
        let mut head = stack.top.load(Acquire);
        let mut lookup = Lookup::new(self);
        loop {
            let (tag, first) = unpack(head);
            let (mut n, mut below) = (0, first);
            while n < max && below != NIL {
                // An index of a list that has changed meanwhile may lie in a chunk that this thread does not see yet; the
                // exchange would fail.
                let Some((chunk, offset)) = lookup.find(below) else {
                    break;
                };
                take(n, below, &chunk.storage, offset);
                n += 1;
                // Ordering: Relaxed; stale if an index above it was popped meanwhile, and then the exchange fails, for each
                // pop changes the tag.
                below = chunk.links[offset].load(Relaxed);
            }
            if n == 0 && first == NIL {
                return 0;
            }
            let tag = if cfg!(zeropool_broken = "slab_untagged") {
                tag
            } else {
                tag.wrapping_add(1)
            };
            // Ordering: Acquire, as in `acquire`.
            match stack
                .top
                .compare_exchange(head, pack(tag, below), Acquire, Acquire)
            {
                Ok(_) => return n,
                Err(newer) => head = newer,
            }
        }
    }

    /// Gives indices back in one exchange. For each holds what [`Slab::release`] says.
    pub(crate) fn release_many(&self, indices: &[u32]) {
        self.push_many(&self.free, indices);
    }

    /// Puts indices that the caller holds on a stack of the caller's, the first on top, in one exchange.
    pub(crate) fn push_many(&self, stack: &Stack, indices: &[u32]) {
        let (Some(&first), Some(&last)) = (indices.first(), indices.last()) else {
            return;
        };
        let mut lookup = Lookup::new(self);
        for pair in indices.windows(2) {
            let Some((chunk, offset)) = lookup.find(pair[0]) else {
                unreachable!("the caller holds the index");
            };
            // Ordering: Relaxed; published by the exchange.
            chunk.links[offset].store(pair[1], Relaxed);
        }
        self.push(stack, first, last);
    }

    /// Gives an index back. It must be one that the caller acquired and has not released since; otherwise it
    /// will be handed out twice.
    #[inline]
    pub(crate) fn release(&self, index: u32) {
        self.push(&self.free, index, index);
    }

    /// Puts a chain of indices on a stack.
    #[inline]
    fn push(&self, stack: &Stack, first: u32, last: u32) {
        let link = self.link(last);
        // Ordering: Relaxed, here and on failure; the word below is only stored, not followed.
        let mut head = stack.top.load(Relaxed);
        loop {
            let (tag, below) = unpack(head);
            link.store(below, Relaxed);
            let publish = if cfg!(zeropool_broken = "slab_release_relaxed") {
                Relaxed
            } else {
                Release
            };
            // Ordering: Release pairs with the Acquire in `acquire`: the links and the elements are visible.
            match stack
                .top
                .compare_exchange_weak(head, pack(tag, first), publish, Relaxed)
            {
                Ok(_) => return,
                Err(newer) => head = newer,
            }
        }
    }

    /// The chunk that holds an index's element, and which element of it that is.
    ///
    /// # Panics
    ///
    /// If the index was never handed out.
    #[inline]
    pub(crate) fn locate(&self, index: u32) -> (&S, usize) {
        let (chunk, offset) = self.chunk_of(index);
        (&chunk.storage, offset)
    }

    /// As [`Slab::locate`]; `None` if the index was never handed out, or its chunk is just being made.
    pub(crate) fn get(&self, index: u32) -> Option<(&S, usize)> {
        let (chunk, offset) = self.chunk_if_seen(index)?;
        Some((&chunk.storage, offset))
    }

    /// How many indices were ever handed out: the most that were held at once, or a few more.
    pub(crate) fn high_water(&self) -> u32 {
        // Ordering: Relaxed; a statistic.
        self.fresh.load(Relaxed)
    }

    #[cold]
    #[inline(never)]
    fn acquire_fresh(&self) -> u32 {
        let first = 1_u64 << self.first_chunk_log2;
        let capacity = ((first << CHUNKS) - first).min(u64::from(NIL));
        // Ordering: Relaxed; the counter only makes indices distinct.
        let mut index = self.fresh.load(Relaxed);
        loop {
            assert!(
                u64::from(index) < capacity,
                "too many elements in use at once"
            );
            // An exchange, not an addition: past the end the counter must not move.
            match self
                .fresh
                .compare_exchange_weak(index, index + 1, Relaxed, Relaxed)
            {
                Ok(_) => break,
                Err(newer) => index = newer,
            }
        }
        let (level, _) = self.place(index);
        // Ordering: Acquire pairs with the Release in `install`.
        if self.chunks[level].load(Acquire).is_null() {
            self.install(level);
        }
        index
    }

    /// Makes a chunk and installs it unless somebody else was faster.
    fn install(&self, level: usize) {
        let n = 1_usize << (self.first_chunk_log2 as usize + level);
        let chunk = Box::into_raw(Box::new(Chunk {
            links: (0..n).map(|_| AtomicU32::new(NIL)).collect(),
            storage: S::with_capacity(self.shape, n),
        }));
        if cfg!(zeropool_broken = "slab_install_by_store") {
            self.chunks[level].store(chunk, Release);
            return;
        }
        // Ordering: Release pairs with every Acquire load of `chunks`. Acquire on failure: the caller goes on
        // with the other chunk.
        if self.chunks[level]
            .compare_exchange(ptr::null_mut(), chunk, Release, Acquire)
            .is_err()
        {
            // SAFETY: it comes from `Box::into_raw` above and was not published.
            drop(unsafe { Box::from_raw(chunk) });
        }
    }

    #[inline(always)]
    fn link(&self, index: u32) -> &AtomicU32 {
        let (chunk, offset) = self.chunk_of(index);
        &chunk.links[offset]
    }

    #[inline(always)]
    fn chunk_of(&self, index: u32) -> (&Chunk<S>, usize) {
        match self.chunk_if_seen(index) {
            Some(place) => place,
            None => panic!("an index that was never handed out"),
        }
    }

    /// As `chunk_of`; `None` if the chunk is not visible to this thread.
    #[inline(always)]
    fn chunk_if_seen(&self, index: u32) -> Option<(&Chunk<S>, usize)> {
        let (level, offset) = self.place(index);
        // Ordering: Acquire pairs with the Release in `install`.
        let chunk = self.chunks[level].load(Acquire);
        // SAFETY: by the invariant of `chunks` it is null, or valid and shared for as long as `self`.
        let chunk = unsafe { chunk.as_ref() }?;
        Some((chunk, offset))
    }

    /// Chunk `k` starts at index `first * (2^k - 1)`: with `first` added, `k` is in the highest set bit and
    /// the offset in the bits below it.
    #[inline(always)]
    fn place(&self, index: u32) -> (usize, usize) {
        let shifted = u64::from(index) + (1 << self.first_chunk_log2);
        let bits = shifted.ilog2();
        let offset = shifted - (1 << bits);
        ((bits - self.first_chunk_log2) as usize, offset as usize)
    }
}

/// Finds the chunks of several indices, most of which lie in the same one.
struct Lookup<'a, S: Storage> {
    slab: &'a Slab<S>,
    /// The last chunk, if any, and the first index in it.
    last: Option<(&'a Chunk<S>, u32)>,
}

impl<'a, S: Storage> Lookup<'a, S> {
    fn new(slab: &'a Slab<S>) -> Self {
        Self { slab, last: None }
    }

    /// As `Slab::chunk_if_seen`.
    #[inline(always)]
    fn find(&mut self, index: u32) -> Option<(&'a Chunk<S>, usize)> {
        if let Some((chunk, first)) = self.last {
            let offset = index.wrapping_sub(first) as usize;
            if offset < chunk.links.len() {
                return Some((chunk, offset));
            }
        }
        let (chunk, offset) = self.slab.chunk_if_seen(index)?;
        self.last = Some((chunk, index - offset as u32));
        Some((chunk, offset))
    }
}

impl<S: Storage> Drop for Slab<S> {
    fn drop(&mut self) {
        for chunk in &self.chunks {
            // Ordering: Relaxed; dropping is exclusive, which has synchronised with everybody.
            let chunk = chunk.load(Relaxed);
            if !chunk.is_null() {
                // SAFETY: by the invariant of `chunks` it comes from `Box::into_raw`; nobody borrows from a
                // slab that is being dropped.
                drop(unsafe { Box::from_raw(chunk) });
            }
        }
    }
}

/// The tag above, the index below.
#[inline(always)]
pub(super) fn pack(tag: u32, index: u32) -> u64 {
    u64::from(tag) << 32 | u64::from(index)
}

/// Undoes [`pack`]: `(tag, index)`.
#[inline(always)]
pub(super) fn unpack(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}
