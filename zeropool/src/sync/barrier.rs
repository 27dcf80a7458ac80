//! Asymmetric fences: one side of a store-then-load race is cheap because the other pays for both.
//!
//! Two threads each store to a word of their own and then load the other's. With a `SeqCst` fence in between on both sides at
//! least one of them sees the other's store. Where one side runs millions of times as often as the other, its fence can be left
//! to the rare side: [`Asymmetric::heavy`] makes the kernel interrupt every running thread of the process for a full barrier
//! (`membarrier`, private expedited; Linux 4.14), and [`Asymmetric::light`] then only has to keep the compiler from moving the
//! load before the store. A light fence that comes before the interrupt has made its store visible; one that comes after it
//! sees what was stored before the heavy one.
//!
//! Where there is no such call, and under the checkers, both are `SeqCst` fences, which give the same and no more.

#[cfg(all(target_os = "linux", not(miri), not(zeropool_loom)))]
use std::sync::atomic::compiler_fence;

use super::{Ordering::SeqCst, fence};

/// Which kind of fences this process has; the same value must be used on both sides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asymmetric {
    /// The kernel helps.
    assisted: bool,
}

impl Asymmetric {
    /// The fences of this system. The first call asks the kernel; in a process with several threads that may take milliseconds, as it
    /// waits for all processors.
    pub(crate) fn of_this_system() -> Self {
        Self {
            assisted: imp::is_registered(),
        }
    }

    /// The side that runs often.
    #[inline(always)]
    pub(crate) fn light(self) {
        #[cfg(all(target_os = "linux", not(miri), not(zeropool_loom)))]
        if self.assisted {
            // Ordering: SeqCst for the compiler; `heavy` does the rest.
            return compiler_fence(SeqCst);
        }
        if !cfg!(zeropool_broken = "barrier_light") {
            // Ordering: SeqCst; pairs with the fence in `heavy`.
            fence(SeqCst);
        }
    }

    /// The side that runs rarely: a microsecond, more with many cores. False if the kernel refused, which it has no reason to:
    /// then no light fence can be relied on.
    #[must_use]
    pub(crate) fn heavy(self) -> bool {
        if !cfg!(zeropool_broken = "barrier_heavy") {
            // Ordering: SeqCst; pairs with the fence in `light`.
            fence(SeqCst);
        }
        !self.assisted || imp::interrupt()
    }
}

#[cfg(all(target_os = "linux", not(miri), not(zeropool_loom)))]
mod imp {
    use crate::sync::{AtomicU8, Ordering::Relaxed};
    use rustix::thread::{MembarrierCommand, membarrier, membarrier_query};

    const UNKNOWN: u8 = 0;
    const NO: u8 = 1;
    const YES: u8 = 2;

    pub(super) fn is_registered() -> bool {
        static KNOWN: AtomicU8 = AtomicU8::new(UNKNOWN);
        // Ordering: Relaxed, here and below; registering twice does no harm.
        match KNOWN.load(Relaxed) {
            UNKNOWN => {
                let registered = register();
                KNOWN.store(if registered { YES } else { NO }, Relaxed);
                registered
            }
            known => known == YES,
        }
    }

    /// Tells the kernel that this process will ask for interrupts. May be called again.
    fn register() -> bool {
        membarrier_query().contains_command(MembarrierCommand::RegisterPrivateExpedited)
            && membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok()
    }

    pub(super) fn interrupt() -> bool {
        let interrupt = || membarrier(MembarrierCommand::PrivateExpedited).is_ok();
        // The child of a fork may have to register anew.
        interrupt() || (register() && interrupt())
    }
}

#[cfg(not(all(target_os = "linux", not(miri), not(zeropool_loom))))]
mod imp {
    pub(super) fn is_registered() -> bool {
        false
    }

    pub(super) fn interrupt() -> bool {
        true
    }
}
