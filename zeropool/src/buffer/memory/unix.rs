#![allow(unsafe_code)] // Fences: mapping pages, changing what they are, and unmapping them.
//! Private, anonymous mappings.

use rustix::mm::{
    MapFlags, MprotectFlags, ProtFlags, mlock, mmap_anonymous, mprotect, munlock, munmap,
};
use std::ffi::c_void;
use std::io;
use std::ptr::{self, NonNull};

pub(super) const GUARD_PAGES: bool = true;

pub(super) fn page_size() -> usize {
    rustix::param::page_size()
}

/// Whole pages, ours alone; unmapped on drop.
#[derive(Debug)]
struct Pages {
    /// Start of `len` bytes that we mapped and nobody else has; a pointer to all of them. Both are multiples of the page size.
    start: NonNull<u8>,
    len: usize,
}

impl Pages {
    /// None if the system has none, or an object of that size cannot exist. `len` is not 0.
    fn map(len: usize, access: ProtFlags) -> Option<Self> {
        isize::try_from(len).ok()?;
        // SAFETY: a new mapping wherever the system likes.
        let start = unsafe { mmap_anonymous(ptr::null_mut(), len, access, MapFlags::PRIVATE) };
        let start = NonNull::new(start.ok()?.cast())?;
        Some(Self { start, len })
    }

    /// Cuts in two before the byte at `len`, a multiple of the page size and not beyond the end.
    fn split_at(self, len: usize) -> (Self, Self) {
        assert!(len <= self.len);
        // SAFETY: within the pages, or at their end.
        let middle = unsafe { self.start.add(len) };
        let behind = Self {
            start: middle,
            len: self.len - len,
        };
        let mut front = self;
        front.len = len;
        (front, behind)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // Empty ones are left over from cutting.
        if self.len == 0 || cfg!(zeropool_broken = "memory_stays_mapped") {
            return;
        }
        let start = self.start.as_ptr().cast();
        // SAFETY: by the invariant of `start` the pages are ours; whoever got their address from us lets go of it before us.
        let unmapped = unsafe { munmap(start, self.len) };
        if unmapped.is_err() && !cfg!(zeropool_broken = "memory_lost_full") {
            // SAFETY: as above; nothing needs the bytes any more.
            unsafe { discard(start, self.len) };
        }
    }
}

/// Throws away the contents of pages that cannot be unmapped, and frees the memory behind them.
///
/// # Safety
/// 1. The `len` bytes from `start` are mapped pages of the caller's, without references to them.
/// 2. Their contents are not needed.
unsafe fn discard(start: *mut c_void, len: usize) {
    #[cfg(target_os = "linux")]
    {
        use rustix::mm::{Advice, madvise};
        // Since 5.18, locked pages too.
        // SAFETY: by 1 and 2.
        if unsafe { madvise(start, len, Advice::LinuxDontneedLocked) }.is_err() {
            // SAFETY: by 1 and 2. After this there is nothing left to try.
            let _ = unsafe { madvise(start, len, Advice::LinuxDontNeed) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, len);
}

/// Readable and writable pages, with what else was mapped around them.
#[derive(Debug)]
pub(super) struct Mapping {
    /// The usable bytes, and `guard` inaccessible ones on either side.
    pages: Pages,
    guard: usize,
}

// SAFETY: owns its bytes as a `Box<[u8]>` does; nothing about them belongs to a thread.
unsafe impl Send for Mapping {}
// SAFETY: as above; a shared one gives out nothing but its address and length.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// `len` zero bytes from a multiple of `align` and of the page size; none if the system has none. `len` is a multiple of the page size
    /// and not 0, and `align` a power of two.
    pub(super) fn new(len: usize, align: usize, guarded: bool) -> Option<Self> {
        let page = page_size();
        let guard = if guarded { page } else { 0 };
        // The system aligns to pages; a greater multiple is looked for among that many more bytes.
        let slack = align.saturating_sub(page);
        let whole = len.checked_add(2 * guard)?;
        if slack == 0 && guard == 0 {
            let pages = Pages::map(whole, ProtFlags::READ | ProtFlags::WRITE)?;
            return Some(Self { pages, guard });
        }

        // Inaccessible at first: the system does not have to keep memory ready for what stays so, or goes again.
        let pages = Pages::map(whole.checked_add(slack)?, ProtFlags::empty())?;
        let first = pages.start.addr().get() + guard;
        let before = first.next_multiple_of(align.max(page)) - first;
        let before = if cfg!(zeropool_broken = "memory_unaligned") {
            0
        } else {
            before
        };
        let (front, pages) = pages.split_at(before);
        let (pages, behind) = pages.split_at(whole);
        if cfg!(zeropool_broken = "memory_slack_stays") {
            std::mem::forget((front, behind));
        } else {
            // If one of these fails, it stays inaccessible: nothing but address space is lost.
            drop((front, behind));
        }

        let mut mapping = Self { pages, guard };
        mapping.make_usable().ok()?;
        Some(mapping)
    }

    fn make_usable(&mut self) -> io::Result<()> {
        let (mut start, mut len) = (self.start().as_ptr(), self.len());
        if cfg!(zeropool_broken = "memory_no_guard_before") {
            start = self.pages.start.as_ptr();
            len += self.guard;
        }
        if cfg!(zeropool_broken = "memory_no_guard_after") {
            len += self.guard;
        }
        let access = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: the usable part of our own pages; nobody has seen them yet.
        unsafe { mprotect(start.cast(), len, access) }?;
        Ok(())
    }

    #[inline]
    pub(super) fn start(&self) -> NonNull<u8> {
        // SAFETY: by the invariant of `pages` there are two guards.
        unsafe { self.pages.start.add(self.guard) }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.pages.len - 2 * self.guard
    }

    /// Keeps the usable pages in memory until they are unmapped; brings them in.
    pub(super) fn lock(&mut self) -> io::Result<()> {
        if cfg!(zeropool_broken = "memory_unlocked") {
            return Ok(());
        }
        let (start, len) = (self.start().as_ptr().cast(), self.len());
        // SAFETY: our own pages, which may be read.
        let locked = unsafe { mlock(start, len) };
        if locked.is_err() || cfg!(zeropool_broken = "memory_unlocked_at_once") {
            // They may count as locked although not all of them could be brought in.
            // SAFETY: our own pages; nobody else has locked them.
            let _ = unsafe { munlock(start, len) };
        }
        Ok(locked?)
    }
}

#[cfg(target_os = "linux")]
impl Mapping {
    pub(super) fn exclude_from_dumps(&mut self) -> io::Result<()> {
        self.advise(rustix::mm::Advice::LinuxDontDump)
    }

    pub(super) fn wipe_on_fork(&mut self) -> io::Result<()> {
        self.advise(rustix::mm::Advice::LinuxWipeOnFork)
    }

    pub(super) fn prefer_huge_pages(&mut self) -> io::Result<()> {
        self.advise(rustix::mm::Advice::LinuxHugepage)
    }

    /// For advice that changes no byte in this process.
    fn advise(&mut self, advice: rustix::mm::Advice) -> io::Result<()> {
        let start = self.start().as_ptr().cast();
        // SAFETY: our own pages. Of what we advise only wiping changes bytes, those of a child.
        unsafe { rustix::mm::madvise(start, self.len(), advice) }?;
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
impl Mapping {
    pub(super) fn exclude_from_dumps(&mut self) -> io::Result<()> {
        Err(super::unavailable())
    }

    pub(super) fn wipe_on_fork(&mut self) -> io::Result<()> {
        Err(super::unavailable())
    }

    pub(super) fn prefer_huge_pages(&mut self) -> io::Result<()> {
        Err(super::unavailable())
    }
}
