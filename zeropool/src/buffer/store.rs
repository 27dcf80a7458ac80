//! The lock-free store of blocks at rest that all threads of a pool share.
//!
//! A power of two of shards; each has a bin for every class, which is a stack of frames (Treiber's, with a tag against ABA: see
//! `queue::slab`, whose links it uses). A thread begins at its own shard and looks into the others before it gives up, so what
//! an idle thread left behind is found. Several blocks move with one exchange.
//!
//! A bin also knows how many blocks it has, which is for the limits, and the least it had since somebody last asked, which is how
//! many of them nobody needed meanwhile.

use super::class::{COUNT, Class};
use super::cut::Cut;
use super::frame::{Chain, Frame};
use crate::queue::slab::{Slab, Stack};
use crate::sync::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use crossbeam_utils::CachePadded;
use std::array;

/// All frames of a pool, by number.
pub(super) type Frames = Slab<Box<[Frame]>>;

/// The most blocks that move with one exchange.
pub(super) const BATCH: usize = 32;

/// The frame of that number.
#[inline]
pub(super) fn frame(frames: &Frames, index: u32) -> &Frame {
    let (chunk, offset) = frames.locate(index);
    &chunk[offset]
}

/// Blocks of one class in one shard.
#[derive(Debug)]
pub(super) struct Bin {
    stack: Stack,
    /// At least as many as there are, and exactly as many when nobody is at it.
    len: AtomicUsize,
    /// The least `len` since the last [`Bin::reset_low`].
    low: AtomicUsize,
}

// Ordering: Relaxed for all counts; nothing is read on the strength of one.
impl Bin {
    fn new() -> Self {
        Self {
            stack: Stack::new(),
            len: AtomicUsize::new(0),
            low: AtomicUsize::new(0),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len.load(Relaxed)
    }

    /// How many blocks were never needed since the last call.
    pub(super) fn reset_low(&self) -> usize {
        let len = self.len.load(Relaxed);
        self.low.swap(len, Relaxed).min(len)
    }

    /// Stores blocks; returns how many there were.
    fn put(&self, frames: &Frames, mut blocks: Chain<'_>) -> usize {
        let total = blocks.len();
        // First, so that no taker subtracts what was not added.
        if !cfg!(zeropool_broken = "bin_count_after_put") {
            self.len.fetch_add(total, Relaxed);
        }
        while !blocks.is_empty() {
            let (mut indices, mut n) = ([0; BATCH], 0);
            for place in &mut indices {
                let Some(frame) = blocks.pop() else { break };
                *place = frame.index();
                n += 1;
            }
            frames.push_many(&self.stack, &indices[..n]);
        }
        if cfg!(zeropool_broken = "bin_count_after_put") {
            self.len.fetch_add(total, Relaxed);
        }
        total
    }

    /// Takes up to `max` blocks, at most [`BATCH`].
    fn take<'a>(&self, frames: &'a Frames, max: usize, out: &mut Chain<'a>) -> usize {
        if self.stack.is_empty() {
            return 0;
        }
        let mut indices = [0; BATCH];
        let found = frames.pop_many(&self.stack, max.min(BATCH), |n, index, _, _| {
            indices[n] = index;
        });
        if found == 0 {
            return 0;
        }
        // The last one taken ends up on top; the newest comes first out of the chain.
        for &index in indices[..found].iter().rev() {
            out.push(frame(frames, index));
        }
        let left = self.len.fetch_sub(found, Relaxed) - found;
        if left < self.low.load(Relaxed) {
            self.low.store(left, Relaxed);
        }
        found
    }
}

/// The blocks of the threads that begin here.
#[derive(Debug)]
pub(super) struct Shard {
    /// How much there is, at least: 64ths of blocks in the upper bits, lines of 64 bytes in the lower [`LINE_BITS`]. A block that
    /// shares its pages with others counts as a part of one.
    content: AtomicU64,
    bins: [Bin; COUNT],
}

/// Enough for 8 TiB, and twice the most blocks that a shard may be told to keep.
const LINE_BITS: u32 = 37;

/// `n` blocks that are cut like this.
fn content(n: usize, cut: Cut) -> u64 {
    // Pages of 16 KiB may have more than 64 blocks; each still counts for something.
    let (n, parts) = (n as u64, (64 / cut.blocks as u64).max(1));
    // Blocks are multiples of 64 bytes.
    ((n * parts) << LINE_BITS) + n * (cut.block as u64 / 64)
}

impl Shard {
    fn new() -> Self {
        Self {
            content: AtomicU64::new(0),
            bins: array::from_fn(|_| Bin::new()),
        }
    }

    // Ordering: Relaxed, in both; see `Bin`.

    /// How much rests here.
    pub(super) fn bytes(&self) -> usize {
        let lines = self.content.load(Relaxed) & ((1 << LINE_BITS) - 1);
        lines as usize * 64
    }

    /// Blocks, those that share pages counted together.
    pub(super) fn pages(&self) -> usize {
        (self.content.load(Relaxed) >> LINE_BITS).div_ceil(64) as usize
    }

    pub(super) fn bin(&self, class: Class) -> &Bin {
        &self.bins[class.index()]
    }

    /// Stores blocks of `class`, which are cut like this.
    pub(super) fn put(&self, frames: &Frames, class: Class, cut: Cut, blocks: Chain<'_>) {
        let n = blocks.len();
        // Ordering: Relaxed; before they can be taken, as in `Bin::put`.
        self.content.fetch_add(content(n, cut), Relaxed);
        self.bin(class).put(frames, blocks);
    }

    /// Takes up to `max` blocks of `class`, at most [`BATCH`].
    pub(super) fn take<'a>(
        &self,
        frames: &'a Frames,
        class: Class,
        cut: Cut,
        max: usize,
        out: &mut Chain<'a>,
    ) -> usize {
        let n = self.bin(class).take(frames, max, out);
        if n > 0 {
            // Ordering: Relaxed; see `Bin`.
            self.content.fetch_sub(content(n, cut), Relaxed);
        }
        n
    }
}

/// The store of one pool.
#[derive(Debug)]
pub(super) struct Store {
    shards: Box<[CachePadded<Shard>]>,
    /// By class: an attempt to give blocks back found that all their spans had one that is lent. How many may rest in a shard before
    /// another attempt, and how many were out then.
    futile: [(AtomicUsize, AtomicUsize); COUNT],
    /// How many blocks of a class there are, here and elsewhere.
    made: [AtomicUsize; COUNT],
}

impl Store {
    /// `shards` is a power of two.
    pub(super) fn new(shards: usize) -> Self {
        debug_assert!(shards.is_power_of_two());
        Self {
            shards: (0..shards)
                .map(|_| CachePadded::new(Shard::new()))
                .collect(),
            futile: array::from_fn(|_| (AtomicUsize::new(0), AtomicUsize::new(0))),
            made: array::from_fn(|_| AtomicUsize::new(0)),
        }
    }

    pub(super) fn shards(&self) -> impl Iterator<Item = &Shard> {
        self.shards.iter().map(|shard| &**shard)
    }

    /// How much rests here, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.shards().map(Shard::bytes).sum()
    }

    /// The shard for blocks that a thread returns: where it begins, or the first after that which has fewer than `limit`; if all are
    /// full, where it begins.
    pub(super) fn shard_with_room(&self, affinity: usize, limit: usize) -> &Shard {
        let home = self.home_of(affinity);
        if home.pages() < limit {
            return home;
        }
        (1..self.shards.len())
            .map(|i| self.home_of(affinity.wrapping_add(i)))
            .find(|shard| shard.pages() < limit)
            .unwrap_or(home)
    }

    /// The shard where a thread begins.
    pub(super) fn home_of(&self, affinity: usize) -> &Shard {
        &self.shards[affinity & (self.shards.len() - 1)]
    }

    /// Takes up to `max` blocks of `class` from the first shard that has any, beginning with the one of `affinity`.
    pub(super) fn take<'a>(
        &self,
        frames: &'a Frames,
        class: Class,
        cut: Cut,
        affinity: usize,
        max: usize,
        out: &mut Chain<'a>,
    ) -> usize {
        let count = self.shards.len();
        (0..count)
            .map(|i| self.home_of(affinity.wrapping_add(i)))
            .map(|shard| shard.take(frames, class, cut, max, out))
            .find(|&n| n > 0)
            .unwrap_or(0)
    }

    // Ordering: Relaxed, in all; guesses that spare work or guide the choice of what is evicted.

    pub(super) fn add_made(&self, class: Class, blocks: usize) {
        self.made[class.index()].fetch_add(blocks, Relaxed);
    }

    pub(super) fn sub_made(&self, class: Class, blocks: usize) {
        self.made[class.index()].fetch_sub(blocks, Relaxed);
    }

    /// How many blocks of `class` are not here.
    pub(super) fn out(&self, class: Class) -> usize {
        let made = self.made[class.index()].load(Relaxed);
        made.saturating_sub(self.len(class))
    }

    pub(super) fn futile(&self, class: Class) -> (usize, usize) {
        let (at_rest, out) = &self.futile[class.index()];
        (at_rest.load(Relaxed), out.load(Relaxed))
    }

    pub(super) fn set_futile(&self, class: Class, at_rest: usize, out: usize) {
        let futile = &self.futile[class.index()];
        futile.0.store(at_rest, Relaxed);
        futile.1.store(out, Relaxed);
    }

    /// How many blocks of `class` rest here.
    pub(super) fn len(&self, class: Class) -> usize {
        self.shards().map(|shard| shard.bin(class).len()).sum()
    }
}

#[cfg(test)]
mod model;

#[cfg(all(test, not(zeropool_loom)))]
mod tests {
    use super::*;

    #[test]
    fn blocks_count_whatever_the_length_of_a_page() {
        for page in [4096, 16 << 10, 64 << 10] {
            let cut = Cut {
                block: 64,
                blocks: page / 64,
                bytes: page,
            };
            let shard = Shard::new();
            // Ordering: Relaxed; one thread.
            shard.content.store(content(page / 64, cut), Relaxed);
            assert_eq!(shard.bytes(), page);
            assert!(shard.pages() >= 1, "{page}");
        }
    }

    #[cfg(target_pointer_width = "64")]
    #[test]
    fn the_most_blocks_that_a_shard_may_have_are_counted() {
        const MOST: usize = 1 << 20;
        let cut = Cut {
            block: 4096,
            blocks: 1,
            bytes: 4096,
        };
        let shard = Shard::new();
        // Ordering: Relaxed; one thread.
        shard.content.store(content(MOST + BATCH, cut), Relaxed);
        assert_eq!(shard.pages(), MOST + BATCH);
        assert_eq!(shard.bytes(), (MOST + BATCH) * 4096);
    }
}
