#![allow(unsafe_code)] // Fences: raw memory: its allocation, and the distance of a block from the start of its chunk.
//! Raw memory for tasks: blocks in size classes, recycled without a lock.
//!
//! The sizes are the powers of two from 128 bytes, two cache lines, to 1 GiB, and every block is aligned to its
//! size. A request that is large or strictly aligned therefore just goes to a larger class, where it is recycled
//! like any other. Chunks start at about 64 KiB, or one block, and double; what a large class reserves beyond
//! what is used is address space rather than memory.
//!
//! The allocator deals in uninitialised bytes only: what is built in them, and when it is dropped, is its
//! user's business. Its memory is freed when the allocator is dropped, whatever blocks are still out.
//!
//! A thread that takes and returns many blocks does so through a [`BlockCache`] of its own, which deals with the allocator
//! for several at a time.

use super::slab::{Slab, Storage};
use std::alloc::{self, Layout};
use std::ptr::NonNull;

mod cache;

pub(crate) use cache::BlockCache;

#[cfg(all(test, not(zeropool_loom)))]
mod tests;

/// The smallest block, in bytes: two cache lines, so that neighbours do not share what prefetchers fetch.
const BLOCK_BYTES_MIN: usize = 128;
/// The largest. Models need small ones only, and their stacks are small.
const BLOCK_BYTES_MAX: usize = if cfg!(zeropool_loom) { 256 } else { 1 << 30 };
const CLASSES: usize = (BLOCK_BYTES_MAX.ilog2() - BLOCK_BYTES_MIN.ilog2()) as usize + 1;

/// The size of a first chunk that holds more than one block; under a checker, of two small blocks.
const CHUNK_BYTES: usize = if cfg!(any(zeropool_loom, miri)) {
    2 * BLOCK_BYTES_MIN
} else {
    64 * 1024
};

/// A block that was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The start of the memory. Valid for reads and writes of the whole block until it is released.
    pub(crate) ptr: NonNull<u8>,
    pub(crate) id: BlockId,
}

/// All that is needed to give a block back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockId {
    class: u8,
    index: u32,
}

/// Blocks by size class; see the module.
#[derive(Debug)]
pub(crate) struct BlockAllocator {
    classes: [Slab<Chunk>; CLASSES],
}

/// One allocation of equal blocks.
#[derive(Debug)]
struct Chunk {
    /// Invariant: allocated with `layout`, which is `n` blocks, and freed by `Drop` alone.
    start: NonNull<u8>,
    layout: Layout,
    block_bytes: usize,
    n: usize,
}

impl BlockAllocator {
    pub(crate) fn new() -> Self {
        Self {
            classes: std::array::from_fn(|class| {
                let block_bytes = BLOCK_BYTES_MIN << class;
                let first_chunk = (CHUNK_BYTES / block_bytes).max(1);
                Slab::with_shape(first_chunk as u32, block_bytes)
            }),
        }
    }

    /// Returns a block with room for `layout`, which nobody else has until it is released. What was done to the
    /// memory before its last release is visible. Allocates only when more blocks of the class are out than
    /// ever before.
    ///
    /// A request that no class can hold, more than 1 GiB, ends like one that the system cannot satisfy: in
    /// [`alloc::handle_alloc_error`].
    #[inline]
    pub(crate) fn acquire(&self, layout: Layout) -> Block {
        let class = class_of(layout);
        let Some(slab) = self.classes.get(class) else {
            alloc::handle_alloc_error(layout)
        };
        self.block(class, slab.acquire())
    }

    /// The block that an index of a class stands for.
    #[inline]
    fn block(&self, class: usize, index: u32) -> Block {
        let (chunk, offset) = self.classes[class].locate(index);
        Block {
            ptr: chunk.block(offset),
            id: BlockId {
                class: class as u8,
                index,
            },
        }
    }

    /// Gives a block back.
    ///
    /// # Safety
    ///
    /// 1. `id` comes from a call of `acquire` on this allocator.
    /// 2. The block has not been released since that call.
    /// 3. Nothing accesses its memory from now on.
    #[inline]
    pub(crate) unsafe fn release(&self, id: BlockId) {
        self.classes[usize::from(id.class)].release(id.index);
    }
}

/// The class whose blocks are large and aligned enough; `CLASSES` or more if there is none.
#[inline(always)]
const fn class_of(layout: Layout) -> usize {
    let bytes = if layout.size() > layout.align() {
        layout.size()
    } else {
        layout.align()
    };
    if bytes <= BLOCK_BYTES_MIN {
        return 0;
    }
    // log2 rounded up, which cannot overflow as the next power of two could.
    ((bytes - 1).ilog2() + 1 - BLOCK_BYTES_MIN.ilog2()) as usize
}

impl Chunk {
    /// The start of one block, with the provenance of the whole chunk.
    #[inline(always)]
    fn block(&self, offset: usize) -> NonNull<u8> {
        debug_assert!(offset < self.n);
        // SAFETY: the slab returns offsets below `n`, so by the invariant of `start` this stays inside the
        // allocation, whose size is no more than `isize::MAX`.
        unsafe { self.start.add(offset * self.block_bytes) }
    }
}

impl Storage for Chunk {
    /// The size of a block in bytes, a power of two.
    type Shape = usize;

    fn with_capacity(block_bytes: usize, n: usize) -> Self {
        let too_large = || alloc::handle_alloc_error(Layout::new::<u8>());
        let layout = block_bytes
            .checked_mul(n)
            .and_then(|bytes| Layout::from_size_align(bytes, block_bytes).ok())
            .unwrap_or_else(too_large);
        // SAFETY: the size is at least that of one block, which is not zero.
        let start = unsafe { alloc::alloc(layout) };
        let Some(start) = NonNull::new(start) else {
            alloc::handle_alloc_error(layout)
        };
        Self {
            start,
            layout,
            block_bytes,
            n,
        }
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // SAFETY: by the invariant of `start` it was allocated with this layout and is freed here alone. The
        // slab drops its chunks with itself, after which `acquire` can no longer return their blocks.
        unsafe { alloc::dealloc(self.start.as_ptr(), self.layout) }
    }
}

// SAFETY: a chunk owns its memory as a `Box<[u8]>` would; freeing it on another thread is allowed.
unsafe impl Send for Chunk {}
// SAFETY: through a shared reference a chunk only computes addresses; it never accesses the memory.
unsafe impl Sync for Chunk {}
