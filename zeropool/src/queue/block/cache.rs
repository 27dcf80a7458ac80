#![allow(unsafe_code)] // Fences: blocks that lie in a cache, which belong to nobody else.
//! A few free blocks at hand, for one thread: taking one and giving it back are plain loads and stores.
//!
//! Full and empty caches exchange half of their blocks with the allocator, in one operation. What lies in a cache cannot
//! be had by others, so a cache is small, and serves small blocks only. It serves one allocator; dropping it leaves its blocks to
//! that one's end.

use super::{Block, BlockAllocator, BlockId, class_of};
use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// Blocks of so many classes, the smallest ones, are cached.
const CACHED: usize = 3;

/// Blocks of one class at most; a few under a checker, so that it sees them go both ways.
const DEPTH: usize = if cfg!(miri) { 4 } else { 32 };

/// What is exchanged with the allocator at once.
const BATCH: usize = DEPTH / 2;

/// Free blocks of one thread; see the module.
#[derive(Debug)]
pub(crate) struct BlockCache {
    /// The address of the allocator it serves, not followed.
    serves: usize,
    stacks: [Stack; CACHED],
}

// SAFETY: the blocks below `len` are the cache's alone, whichever thread has it; a block is memory, and tied to no thread.
unsafe impl Send for BlockCache {}

#[derive(Debug)]
struct Stack {
    len: Cell<usize>,
    blocks: [Cell<Block>; DEPTH],
}

impl BlockCache {
    /// An empty cache for blocks of `allocator`.
    pub(crate) fn new(allocator: &BlockAllocator) -> Self {
        let nothing = |class| Block {
            ptr: NonNull::dangling(),
            id: BlockId { class, index: 0 },
        };
        Self {
            serves: ptr::from_ref(allocator).addr(),
            stacks: std::array::from_fn(|class| Stack {
                len: Cell::new(0),
                blocks: std::array::from_fn(|_| Cell::new(nothing(class as u8))),
            }),
        }
    }

    #[inline(always)]
    fn stack(&self, class: usize, allocator: &BlockAllocator) -> Option<&Stack> {
        let stack = self.stacks.get(class)?;
        (self.serves == ptr::from_ref(allocator).addr()).then_some(stack)
    }

    /// As [`BlockAllocator::acquire`].
    #[inline(always)]
    pub(crate) fn acquire(&self, layout: Layout, allocator: &BlockAllocator) -> Block {
        let class = class_of(layout);
        let Some(stack) = self.stack(class, allocator) else {
            return allocator.acquire(layout);
        };
        let len = stack.len.get();
        if len == 0 {
            return stack.refill(class, layout, allocator);
        }
        stack.len.set(len - 1);
        stack.blocks[len - 1].get()
    }

    /// As [`BlockAllocator::release`].
    ///
    /// # Safety
    ///
    /// 1. `block` comes from `allocator`, by a cache or without one.
    /// 2. It has not been released since.
    /// 3. Nothing accesses its memory from now on.
    #[inline(always)]
    pub(crate) unsafe fn release(&self, block: Block, allocator: &BlockAllocator) {
        let Some(stack) = self.stack(usize::from(block.id.class), allocator) else {
            // SAFETY: 1., 2. and 3. are the caller's.
            return unsafe { allocator.release(block.id) };
        };
        if stack.len.get() == DEPTH {
            stack.flush(block.id.class, allocator);
        }
        let len = stack.len.get();
        stack.blocks[len].set(block);
        stack.len.set(len + 1);
    }
}

impl Stack {
    #[cold]
    #[inline(never)]
    fn refill(&self, class: usize, layout: Layout, allocator: &BlockAllocator) -> Block {
        let n = allocator.classes[class].acquire_many(BATCH, |at, index, chunk, offset| {
            self.blocks[at].set(Block {
                ptr: chunk.block(offset),
                id: BlockId {
                    class: class as u8,
                    index,
                },
            });
        });
        let Some(rest) = n.checked_sub(1) else {
            return allocator.acquire(layout);
        };
        self.len.set(rest);
        self.blocks[rest].get()
    }

    /// Gives the older half back.
    #[cold]
    #[inline(never)]
    fn flush(&self, class: u8, allocator: &BlockAllocator) {
        let mut indices = [0; BATCH];
        for (at, index) in indices.iter_mut().enumerate() {
            *index = self.blocks[at].get().id.index;
            self.blocks[at].set(self.blocks[at + BATCH].get());
        }
        allocator.classes[usize::from(class)].release_many(&indices);
        self.len.set(DEPTH - BATCH);
    }
}
