//! The one place that names atomics, cells, threads and parking.
//!
//! Ordinary builds get the types of `std`. With `--cfg zeropool_loom` the same names are loom's, so that
//! the kernels in `queue`, `task` and `runtime` can be searched exhaustively. [`model`] runs a concurrent
//! test in whichever engine the build is for: a loom search, one Miri run, or many runs on real threads.
//!
//! The rule for the rest of the crate: no `std::sync::atomic`, `std::cell::UnsafeCell` or `std::thread`
//! outside this file (`ci/lint.sh` checks it).

mod barrier;
mod park;
pub(crate) mod process;

pub(crate) use barrier::Asymmetric;
#[cfg(test)]
pub(crate) use park::test_parker;
pub(crate) use park::{Parker, ParkerCell};

#[cfg(not(zeropool_loom))]
mod imp {
    pub(crate) use std::hint::spin_loop;
    pub(crate) use std::sync::atomic::{
        AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
    };
    pub(crate) use std::sync::{Mutex, MutexGuard};
    pub(crate) use std::thread;

    /// Nothing, outside a loom search.
    #[inline(always)]
    pub(crate) fn fence_in_loom() {}

    /// `std::cell::UnsafeCell` with loom's closure interface.
    #[derive(Debug, Default)]
    #[repr(transparent)]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        #[inline(always)]
        pub(crate) const fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        /// Passes a pointer for reading to `f`.
        #[inline(always)]
        pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        /// Passes a pointer for writing to `f`.
        #[inline(always)]
        pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }
}

#[cfg(zeropool_loom)]
mod imp {
    pub(crate) use loom::cell::UnsafeCell;
    #[allow(unused_imports, reason = "the kernels built under loom do not spin")]
    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::sync::atomic::{
        AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
    };
    pub(crate) use loom::sync::{Mutex, MutexGuard};
    pub(crate) use loom::thread;

    /// Stands between two `SeqCst` accesses whose place in the total order matters: loom takes such accesses as
    /// no more than acquiring and releasing, but knows `SeqCst` fences.
    pub(crate) fn fence_in_loom() {
        fence(Ordering::SeqCst);
    }
}

#[allow(
    unused_imports,
    reason = "each build of the crate uses its own part of these names"
)]
pub(crate) use imp::*;

/// Runs a concurrent test body in the engine of this build.
///
/// * loom: every interleaving, up to 3 preemptions, or `LOOM_MAX_PREEMPTIONS` if that is fewer;
/// * Miri: once (Miri's own seeds vary the schedule);
/// * otherwise: 200 times on real threads.
#[cfg(test)]
pub(crate) fn model(f: impl Fn() + Send + Sync + 'static) {
    model_bounded(3, f);
}

/// As [`model`], for bodies with so many steps that loom gets to the end only with fewer preemptions.
#[cfg(test)]
pub(crate) fn model_bounded(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    #[cfg(zeropool_loom)]
    {
        let mut builder = loom::model::Builder::new();
        let bound = builder.preemption_bound.unwrap_or(preemptions);
        builder.preemption_bound = Some(bound.min(preemptions));
        builder.check(f);
    }
    #[cfg(not(zeropool_loom))]
    {
        let _ = preemptions;
        for _ in 0..if cfg!(miri) { 1 } else { 200 } {
            f();
        }
    }
}
