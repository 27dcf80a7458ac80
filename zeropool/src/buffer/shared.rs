#![allow(unsafe_code)] // Fences: the bins, which are made on first use and freed with the store.
//! The lock-free store of blocks at rest that all threads of a pool share.
//!
//! Each class has a bin, made when its first block arrives; a bin has a power of two of shards; a shard has up to
//! 64 places. A thread begins at its own shard and looks into the others before it gives up, so what an idle
//! thread left behind is found.
//!
//! # The protocol of a shard
//!
//! The index of a place is a token. It is in the set `vacant`, or in the set `stored`, or in the hands of the one
//! thread that removed it from either, and only that thread touches the place.
//!
//! ```text
//!   put:   remove a token from `vacant`  ·  write its place  ·  add it to `stored`
//!   take:  remove a token from `stored`  ·  read its place   ·  add it to `vacant`
//! ```
//!
//! Sets are 64-bit words and removing is one `fetch_and`: whoever cleared the bit has the token. There is no ABA
//! problem, because no operation depends on a word being unchanged. A thread that stops half-way keeps one place
//! from the others and no more.

use super::class::{self, Class};
use crate::sync::{
    AtomicBool, AtomicPtr, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
    fence,
};
use crossbeam_utils::CachePadded;
use std::array;
use std::ptr::{self, NonNull};

/// Places of a shard: the bits of its sets.
const PLACES_MAX: usize = 64;

/// Shards of a bin, at most.
const SHARDS_MAX: usize = 16;

/// What the store keeps of one class, in bytes (but at least one block).
const STORED_BYTES_PER_CLASS: usize = 16 << 20;

const _: () = assert!(STORED_BYTES_PER_CLASS >= class::POOLED_BYTES_MAX);

/// How many blocks of `class` a store with `shards` shards keeps.
pub(super) const fn store_limit(class: Class, shards: usize) -> usize {
    let by_bytes = STORED_BYTES_PER_CLASS / class.size();
    if by_bytes < PLACES_MAX * shards {
        by_bytes
    } else {
        PLACES_MAX * shards
    }
}

/// See the protocol above.
#[derive(Debug)]
struct Shard {
    vacant: AtomicU64,
    stored: AtomicU64,
    /// Read and written only by the thread that holds the token; the sets publish what was written.
    places: Box<[AtomicPtr<u8>]>,
}

/// Removes one token from a set, the lowest of those it finds, so that the newest and warmest come first.
fn remove_any(set: &AtomicU64) -> Option<usize> {
    // Ordering: Relaxed; a guess, which the `fetch_and` verifies.
    let mut seen = set.load(Relaxed);
    while seen != 0 {
        let bit = seen & seen.wrapping_neg();
        // Ordering: Acquire pairs with the Release in `add`: what its holder did with the place came before.
        let before = set.fetch_and(!bit, Acquire);
        if before & bit != 0 {
            return Some(bit.trailing_zeros() as usize);
        }
        seen = before;
    }
    None
}

/// Adds a token that the caller holds.
fn add(set: &AtomicU64, token: usize) {
    // Ordering: Release pairs with the Acquire in `remove_any`: publishes the place, and the block in it.
    let publish = if cfg!(zeropool_broken = "buffer_token_relaxed") {
        Relaxed
    } else {
        Release
    };
    set.fetch_or(1 << token, publish);
}

impl Shard {
    fn new(places: usize) -> Self {
        debug_assert!(places <= PLACES_MAX);
        Self {
            vacant: AtomicU64::new(match places {
                PLACES_MAX => u64::MAX,
                fewer => (1 << fewer) - 1,
            }),
            stored: AtomicU64::new(0),
            places: (0..places)
                .map(|_| AtomicPtr::new(ptr::null_mut()))
                .collect(),
        }
    }

    /// Stores a block, or gives it back because there is no room.
    fn put(&self, block: NonNull<u8>) -> Result<(), NonNull<u8>> {
        let Some(token) = remove_any(&self.vacant) else {
            return Err(block);
        };
        // Ordering: Relaxed; we hold the token, and `add` publishes the place.
        self.places[token].store(block.as_ptr(), Relaxed);
        add(&self.stored, token);
        Ok(())
    }

    fn take(&self) -> Option<NonNull<u8>> {
        let token = remove_any(&self.stored)?;
        if cfg!(zeropool_broken = "buffer_token_early") {
            add(&self.vacant, token);
        }
        // Ordering: Relaxed; we hold the token, and removing it acquired the place.
        let block = self.places[token].load(Relaxed);
        if !cfg!(zeropool_broken = "buffer_token_early") {
            add(&self.vacant, token);
        }
        NonNull::new(block)
    }
}

/// The blocks of one class.
#[derive(Debug)]
struct Bin {
    shards: Box<[CachePadded<Shard>]>,
}

impl Bin {
    /// `shards` is a power of two.
    fn new(shards: usize, limit: usize) -> Self {
        debug_assert!(shards.is_power_of_two());
        Self {
            shards: (0..shards)
                .map(|i| CachePadded::new(Shard::new((limit + shards - 1 - i) / shards)))
                .collect(),
        }
    }

    /// The shards, beginning with the one of `affinity`.
    fn shards_from(&self, affinity: usize) -> impl Iterator<Item = &Shard> {
        let mask = self.shards.len() - 1;
        (0..self.shards.len()).map(move |i| &*self.shards[affinity.wrapping_add(i) & mask])
    }

    fn put(&self, affinity: usize, mut block: NonNull<u8>) -> Result<(), NonNull<u8>> {
        for shard in self.shards_from(affinity) {
            match shard.put(block) {
                Ok(()) => return Ok(()),
                Err(back) => block = back,
            }
        }
        Err(block)
    }

    fn take(&self, affinity: usize) -> Option<NonNull<u8>> {
        self.shards_from(affinity).find_map(Shard::take)
    }
}

/// What became of a block that was put into the store.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// It rests there.
    ToStay,
    /// The store was closed meanwhile; what rests there has to be taken out.
    ButClosed,
}

/// The store of one pool. It keeps addresses; whose memory they are is its owner's affair.
#[derive(Debug)]
pub(super) struct Shared {
    /// Null, or a leaked `Box` that this store owns; set once.
    bins: [AtomicPtr<Bin>; class::COUNT],
    shards: usize,
    closed: AtomicBool,
}

impl Shared {
    /// A store for about `threads` threads.
    pub(super) fn new(threads: usize) -> Self {
        Self {
            bins: array::from_fn(|_| AtomicPtr::new(ptr::null_mut())),
            shards: threads.clamp(1, SHARDS_MAX).next_power_of_two(),
            closed: AtomicBool::new(false),
        }
    }

    #[cfg(test)]
    pub(super) fn shards(&self) -> usize {
        self.shards
    }

    fn bin(&self, class: Class) -> Option<&Bin> {
        // Ordering: Acquire pairs with the Release in `bin_or_new`: the bin is complete.
        let bin = self.bins[class.index()].load(Acquire);
        // SAFETY: by the invariant of `bins`: null, or ours until the store is dropped.
        unsafe { bin.as_ref() }
    }

    #[cold]
    fn bin_or_new(&self, class: Class) -> &Bin {
        let new = Bin::new(self.shards, store_limit(class, self.shards));
        let new = Box::into_raw(Box::new(new));
        // Ordering: Release publishes the new bin; Acquire, on failure, takes over another thread's.
        // Both pair with each other and with the load in `bin`.
        let bin = match self.bins[class.index()].compare_exchange(
            ptr::null_mut(),
            new,
            AcqRel,
            Acquire,
        ) {
            Ok(_) => new,
            Err(other) => {
                // SAFETY: made above, and not published.
                drop(unsafe { Box::from_raw(new) });
                other
            }
        };
        // SAFETY: not null; ours until the store is dropped, by the invariant of `bins`.
        unsafe { &*bin }
    }

    /// Makes sure that blocks of this class can be stored later. Called when one is made, since a return must not
    /// allocate: memory may be what the system has run out of.
    pub(super) fn prepare(&self, class: Class) {
        if self.bin(class).is_none() {
            self.bin_or_new(class);
        }
    }

    /// Stores a block, or gives it back because the class has enough of them, is not prepared, or the store is closed.
    /// If the store was closed meanwhile, the caller has to [drain](Shared::drain) it.
    pub(super) fn put(
        &self,
        class: Class,
        affinity: usize,
        block: NonNull<u8>,
    ) -> Result<Stored, NonNull<u8>> {
        // Ordering: Relaxed; a close that is missed here is seen below.
        if self.closed.load(Relaxed) {
            return Err(block);
        }
        let Some(bin) = self.bin(class) else {
            return Err(block);
        };
        bin.put(affinity, block)?;
        // Ordering: SeqCst settles the race with `close`: either the drain that follows it finds the block, or this
        // look sees that the store is closed.
        #[cfg(not(zeropool_broken = "buffer_close_fence"))]
        fence(SeqCst);
        Ok(if self.closed.load(Relaxed) {
            Stored::ButClosed
        } else {
            Stored::ToStay
        })
    }

    /// A block of that class, if one is found.
    pub(super) fn take(&self, class: Class, affinity: usize) -> Option<NonNull<u8>> {
        self.bin(class)?.take(affinity)
    }

    /// Refuses blocks from now on; the caller then drains the store. A block whose `put` has begun may still arrive, and
    /// is then taken out by whoever put it.
    pub(super) fn close(&self) {
        // A swap only for loom, which may order a plain store after later ones.
        self.closed.swap(true, Relaxed);
        // Ordering: SeqCst; pairs with the fence in `put`.
        fence(SeqCst);
    }

    /// Takes every block out.
    pub(super) fn drain(&self, mut each: impl FnMut(Class, NonNull<u8>)) {
        for class in Class::all() {
            while let Some(block) = self.take(class, 0) {
                each(class, block);
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for bin in &self.bins {
            // Ordering: Relaxed; `&mut self` says that all other threads' accesses came before.
            let bin = bin.load(Relaxed);
            if !bin.is_null() {
                // SAFETY: by the invariant of `bins` it is ours, and nobody uses the store any more.
                drop(unsafe { Box::from_raw(bin) });
            }
        }
    }
}

#[cfg(test)]
mod model;
