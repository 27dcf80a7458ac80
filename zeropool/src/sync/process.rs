#![allow(unsafe_code)] // Fences: a page that the kernel wipes in the child of a fork.
//! Which process this is: a number that is another one in the child of a fork.
//!
//! On Linux it lies in a page of its own that the kernel hands to a child filled with zeros, so looking costs two loads, whichever call
//! made the child. Other systems, and kernels without such pages (before 4.14), are asked for the process id each time.

#[cfg(not(zeropool_loom))]
use super::{AtomicU64, Ordering::Relaxed};

/// The calling process. Differs from what any process that this one was forked from has said, as long as process ids are not used
/// again among them where there is no such page. Never 0.
pub(crate) fn current() -> u64 {
    imp::current()
}

/// Is the calling process the one that said so?
#[inline]
pub(crate) fn is(number: u64) -> bool {
    imp::hint() == number || imp::current() == number
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

    /// [`NOT_ASKED`] at first; then a page that is never unmapped and is wiped by a fork, or [`NO_PAGE`]. Never null.
    static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new((&raw const NOT_ASKED).cast_mut());
    /// Stays 0, which is no number, as does the next one.
    static NOT_ASKED: AtomicU64 = AtomicU64::new(0);
    /// The system has no such pages.
    static NO_PAGE: AtomicU64 = AtomicU64::new(0);
    /// The last number given; copied by a fork, so it goes up from parent to child.
    static LAST: AtomicU64 = AtomicU64::new(0);

    #[inline]
    fn word() -> &'static AtomicU64 {
        // Ordering: Acquire pairs with the AcqRel in `map`.
        let page = PAGE.load(Acquire);
        // SAFETY: a static, or a page that is never unmapped.
        unsafe { &*page }
    }

    /// The number of this process, or 0 if it has to be found out.
    #[inline]
    pub(super) fn hint() -> u64 {
        word().load(Relaxed)
    }

    /// For when there is no page yet, or it has been wiped, or there cannot be one.
    #[cold]
    pub(super) fn current() -> u64 {
        if ptr::eq(word(), &NOT_ASKED) {
            map();
        }
        let word = word();
        if ptr::eq(word, &NO_PAGE) {
            return std::process::id().into();
        }
        let next = LAST.fetch_add(1, Relaxed) + 1;
        // Ordering: Relaxed; only one of several threads of a new process gives it its number.
        match word.compare_exchange(0, next, Relaxed, Relaxed) {
            Ok(_) => next,
            Err(number) => number,
        }
    }

    fn map() {
        let page = wiped_page().unwrap_or_else(|| (&raw const NO_PAGE).cast_mut());
        let none = (&raw const NOT_ASKED).cast_mut();
        // Ordering: Release publishes the page, Acquire for the one that was faster.
        if PAGE.compare_exchange(none, page, AcqRel, Acquire).is_err() {
            unmap(page);
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
    #[inline]
    pub(super) fn hint() -> u64 {
        0
    }

    pub(super) fn current() -> u64 {
        std::process::id().into()
    }
}

#[cfg(any(not(unix), miri, zeropool_loom))]
mod imp {
    //! Where there is no fork.
    #[inline]
    pub(super) fn hint() -> u64 {
        1
    }

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
