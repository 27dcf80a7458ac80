#![allow(unsafe_code)] // Fences: a page that the kernel wipes in the child of a fork.
//! Which process this is: a number that is another one in the child of a fork.
//!
//! On Linux it lies in a page of its own that the kernel hands to a child filled with zeros, so looking costs two loads, whichever call
//! made the child. Other systems, and kernels without such pages (before 4.14), are asked for the process id each time.

#[cfg(not(zeropool_loom))]
use super::{AtomicU64, Ordering::Relaxed};

/// The calling process. Differs from what any process that this one was forked from has said, as long as process ids are not used
/// again among them where there is no such page.
#[inline]
pub(crate) fn current() -> u64 {
    imp::current()
}

/// True in the process that was the first to ask, false in those forked from it later: there, locks may be held by threads that do not
/// exist.
#[cfg(not(zeropool_loom))]
pub(crate) fn is_first() -> bool {
    static FIRST: AtomicU64 = AtomicU64::new(0);
    let here = current();
    // Ordering: Relaxed; a number.
    match FIRST.compare_exchange(0, here, Relaxed, Relaxed) {
        Ok(_) => true,
        Err(first) => first == here,
    }
}

#[cfg(all(target_os = "linux", not(miri), not(zeropool_loom)))]
mod imp {
    use crate::sync::{
        AtomicPtr, AtomicU64,
        Ordering::{AcqRel, Acquire, Relaxed},
    };
    use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};
    use std::ptr;

    /// Null at first; then a page that is never unmapped and is wiped by a fork, or [`NO_PAGE`].
    static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());
    /// The system has no such pages.
    static NO_PAGE: AtomicU64 = AtomicU64::new(0);
    /// The last number given; copied by a fork, so it goes up from parent to child.
    static LAST: AtomicU64 = AtomicU64::new(0);

    #[inline]
    pub(super) fn current() -> u64 {
        // Ordering: Acquire pairs with the AcqRel in `map`.
        let page = PAGE.load(Acquire);
        // SAFETY: null, or a page that is never unmapped, or a static.
        match unsafe { page.as_ref() }.map(|page| page.load(Relaxed)) {
            None | Some(0) => number(),
            Some(number) => number,
        }
    }

    /// There is no page yet, or it has been wiped, or there cannot be one.
    #[cold]
    fn number() -> u64 {
        let mut page = PAGE.load(Acquire);
        if page.is_null() {
            page = map();
        }
        if ptr::eq(page, &NO_PAGE) {
            return std::process::id().into();
        }
        // SAFETY: a page that is never unmapped.
        let word = unsafe { &*page };
        let next = LAST.fetch_add(1, Relaxed) + 1;
        // Ordering: Relaxed; only one of several threads of a new process gives it its number.
        match word.compare_exchange(0, next, Relaxed, Relaxed) {
            Ok(_) => next,
            Err(number) => number,
        }
    }

    fn map() -> *mut AtomicU64 {
        let page = wiped_page().unwrap_or_else(|| (&raw const NO_PAGE).cast_mut());
        // Ordering: Release publishes the page, Acquire for the one that was faster.
        match PAGE.compare_exchange(ptr::null_mut(), page, AcqRel, Acquire) {
            Ok(_) => page,
            Err(first) => {
                unmap(page);
                first
            }
        }
    }

    const BYTES: usize = 4096;

    fn wiped_page() -> Option<*mut AtomicU64> {
        let (access, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
        // SAFETY: a new mapping wherever the system likes.
        let page = unsafe { mmap_anonymous(ptr::null_mut(), BYTES, access, flags) };
        let page = page.ok()?;
        // SAFETY: the mapping is ours; wiping it in a child is what we want.
        let wiped = unsafe { madvise(page, BYTES, Advice::LinuxWipeOnFork) };
        if wiped.is_err() {
            unmap(page.cast());
            return None;
        }
        Some(page.cast())
    }

    fn unmap(page: *mut AtomicU64) {
        if !ptr::eq(page, &NO_PAGE) {
            // SAFETY: mapped above with this size, and never published. An error would leave a page behind.
            let _ = unsafe { munmap(page.cast(), BYTES) };
        }
    }
}

#[cfg(all(unix, not(target_os = "linux"), not(miri), not(zeropool_loom)))]
mod imp {
    pub(super) fn current() -> u64 {
        std::process::id().into()
    }
}

#[cfg(any(not(unix), miri, zeropool_loom))]
mod imp {
    //! Where there is no fork.
    #[inline]
    pub(super) fn current() -> u64 {
        1
    }
}

#[cfg(all(test, not(zeropool_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_the_same_on_all_its_threads() {
        let here = current();
        assert_ne!(here, 0);
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(current)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), here);
        }
    }
}
