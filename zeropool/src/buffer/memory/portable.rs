#![allow(unsafe_code)] // Fences: whole pages from the standard allocator.
//! Memory for systems without `mmap`, and for Miri: zero and aligned as a mapping is, but without any protection.

use super::unavailable;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::io;
use std::ptr::NonNull;

pub(super) const GUARD_PAGES: bool = false;

/// Blocks are multiples of this; nothing depends on what the processor calls a page.
pub(super) fn page_size() -> usize {
    4096
}

/// Zeroed memory, freed on drop.
#[derive(Debug)]
pub(super) struct Mapping {
    /// An allocation of `layout`, ours alone.
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: owns its bytes as a `Box<[u8]>` does; nothing about them belongs to a thread.
unsafe impl Send for Mapping {}
// SAFETY: as above; a shared one gives out nothing but its address and length.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// `len` zero bytes from a multiple of `align` and of the page size; none if the allocator has none. `len` is a multiple of the page
    /// size, and `align` a power of two.
    pub(super) fn new(len: usize, align: usize, _guarded: bool) -> Option<Self> {
        let align = align.max(page_size());
        let layout = Layout::from_size_align(len, align).ok()?;
        if len == 0 {
            return None;
        }
        #[cfg(not(zeropool_broken = "memory_unzeroed"))]
        // SAFETY: the size is not 0.
        let start = unsafe { alloc_zeroed(layout) };
        #[cfg(zeropool_broken = "memory_unzeroed")]
        // SAFETY: the size is not 0.
        let start = unsafe { std::alloc::alloc(layout) };
        let start = NonNull::new(start)?;
        Some(Self { start, layout })
    }

    #[inline]
    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.layout.size()
    }

    pub(super) fn lock(&mut self) -> io::Result<()> {
        Err(unavailable())
    }

    pub(super) fn exclude_from_dumps(&mut self) -> io::Result<()> {
        Err(unavailable())
    }

    pub(super) fn wipe_on_fork(&mut self) -> io::Result<()> {
        Err(unavailable())
    }

    pub(super) fn prefer_huge_pages(&mut self) -> io::Result<()> {
        Err(unavailable())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: by the invariant of `start` this is the allocation and its layout; we own it.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}
