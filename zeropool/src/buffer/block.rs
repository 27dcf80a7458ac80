#![allow(unsafe_code)] // Fences: memory from the system allocator: taking it, wiping it, giving it back.
//! One piece of memory, zeroed when it is taken from the system, and how it is wiped.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::hint::black_box;
use std::mem;
use std::ptr::{self, NonNull};

/// Blocks of at least this size begin on a page, unless they are large.
const PAGE: usize = 4096;
/// Smaller blocks begin on a cache line.
const LINE: usize = 64;
/// From this size on, blocks have the alignment up to which the standard allocator asks the system for memory that is
/// zero already and takes up room only once it is touched. For more it fills every byte itself.
const LARGE: usize = 128 << 10;
const LAZY: usize = 16;

/// Owned memory; freed on drop, **not** wiped by it: whoever let a byte be written wipes first.
#[derive(Debug)]
pub(super) struct Block {
    /// Start of `capacity` bytes from the system allocator with `layout(capacity)`, or dangling if that is 0.
    start: NonNull<u8>,
    capacity: usize,
}

// SAFETY: a block owns its bytes as a `Box<[u8]>` does; nothing about them belongs to a thread.
unsafe impl Send for Block {}
// SAFETY: as above; a shared block gives out nothing but its address and length.
unsafe impl Sync for Block {}

/// None if an object of that size cannot exist.
const fn layout(capacity: usize) -> Option<Layout> {
    let align = match capacity {
        0..PAGE => LINE,
        PAGE..LARGE => PAGE,
        LARGE.. => LAZY,
    };
    match Layout::from_size_align(capacity, align) {
        Ok(layout) => Some(layout),
        Err(_) => None,
    }
}

impl Block {
    /// No memory.
    pub(super) const EMPTY: Self = Self {
        start: NonNull::dangling(),
        capacity: 0,
    };

    /// Fresh memory, all zero.
    ///
    /// # Panics
    /// If `capacity` is larger than an object can be; aborts like `Vec` if the system has no memory left.
    pub(super) fn zeroed(capacity: usize) -> Self {
        if capacity == 0 {
            return Self::EMPTY;
        }
        let Some(layout) = layout(capacity) else {
            panic!("a buffer of {capacity} bytes is larger than an object can be (`isize::MAX`)");
        };
        // SAFETY: the size is not 0.
        let start = unsafe { alloc_zeroed(layout) };
        let Some(start) = NonNull::new(start) else {
            handle_alloc_error(layout);
        };
        Self { start, capacity }
    }

    #[inline]
    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    #[inline]
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Gives up ownership: the memory stays until [`Block::from_raw`] takes it over.
    #[inline]
    pub(super) fn into_raw(self) -> NonNull<u8> {
        let start = self.start;
        mem::forget(self);
        start
    }

    /// # Safety
    /// 1. `start` came from [`Block::into_raw`] of a block of exactly `capacity` bytes.
    /// 2. It is taken over once.
    #[inline]
    pub(super) unsafe fn from_raw(start: NonNull<u8>, capacity: usize) -> Self {
        Self { start, capacity }
    }

    /// Writes zeros over the first `len` bytes, in a way that no optimisation removes.
    ///
    /// A compiler may drop stores to memory that is freed before anybody reads it, and this one does. The
    /// address goes through `black_box`, which the compiler has to treat as code that may read whatever the
    /// address leads to, so the zeros have to be there by then. (`black_box` promises no more than best
    /// effort across backends; in rustc's it is an empty piece of assembly with access to memory.) The stores
    /// themselves remain one plain `memset`.
    #[inline]
    pub(super) fn wipe(&mut self, len: usize) {
        debug_assert!(len <= self.capacity);
        let len = len.min(self.capacity);
        if len == 0 {
            return;
        }
        // SAFETY: `len` bytes from `start` are ours by the invariant of `start`, and `&mut self` is the only
        // way to them.
        unsafe { ptr::write_bytes(self.start.as_ptr(), 0, len) };
        black_box(self.start);
    }
}

impl Drop for Block {
    #[inline]
    fn drop(&mut self) {
        if self.capacity == 0 {
            return;
        }
        // Always there: it was when the memory was taken.
        if let Some(layout) = layout(self.capacity) {
            // SAFETY: by the invariant of `start` this is the allocation and its layout; we own it.
            unsafe { dealloc(self.start.as_ptr(), layout) };
        }
    }
}

impl Default for Block {
    #[inline]
    fn default() -> Self {
        Self::EMPTY
    }
}
