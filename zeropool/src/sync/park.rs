#![allow(unsafe_code)] // Fences: a shared cell that names a parker by address.
//! A thread's own place to sleep.
//!
//! A [`Parker`] holds one token, as `std::thread::park` does, but is ours alone: user code that parks and
//! unparks its threads can neither take our wake-ups nor lose its own to us. Parkers live in a process-wide
//! store that is never freed (see [`Parker::of_this_thread`]), so a late `unpark` is at worst a spurious
//! wake-up and never touches freed memory.

use super::{
    AtomicPtr, AtomicU32,
    Ordering::{Acquire, Release},
};
use std::ptr;
use std::time::Duration;

/// Nobody sleeps and no token is stored.
const EMPTY: u32 = 0;
/// A token is stored; the next `park` takes it and returns at once.
const NOTIFIED: u32 = 1;
/// The owner sleeps, or is about to.
const PARKED: u32 = 2;

/// One thread's sleeping place; only its owner parks, anybody unparks.
#[derive(Debug)]
pub(crate) struct Parker {
    state: AtomicU32,
    os: os::Sleep,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Self {
            state: AtomicU32::new(EMPTY),
            os: os::Sleep::new(),
        }
    }

    /// Sleeps until a token is there, and takes it. May return early: callers loop over their condition.
    pub(crate) fn park(&self) {
        self.park_for(None);
    }

    /// As [`Parker::park`], for at most `timeout`.
    pub(crate) fn park_timeout(&self, timeout: Duration) {
        self.park_for(Some(timeout));
    }

    fn park_for(&self, timeout: Option<Duration>) {
        // Ordering: Acquire pairs with the Release half of the swap in `unpark`: what the waker did before
        // is visible to the woken thread.
        if self
            .state
            .compare_exchange(EMPTY, PARKED, Acquire, Acquire)
            .is_ok()
        {
            self.os.wait_while_parked(&self.state, timeout);
        }
        // Ordering: Acquire as above; the token, or the wish to sleep after a time-out, is withdrawn.
        self.state.swap(EMPTY, Acquire);
    }

    /// Stores a token and wakes the owner if it sleeps. Never blocks for longer than a short critical section
    /// of the operating system.
    pub(crate) fn unpark(&self) {
        // Ordering: Release publishes what the waker did; pairs with the Acquire operations in `park_for`.
        if self.state.swap(NOTIFIED, Release) == PARKED {
            self.os.wake(&self.state);
        }
    }
}

/// A parker for a thread of a test.
#[cfg(test)]
pub(crate) fn test_parker() -> &'static Parker {
    let parker: &'static Parker = Box::leak(Box::new(Parker::new()));
    // Miri reports what nobody can reach any more as a leak.
    #[cfg(not(zeropool_loom))]
    {
        static REACHABLE: std::sync::Mutex<Vec<&'static Parker>> =
            std::sync::Mutex::new(Vec::new());
        REACHABLE.lock().unwrap().push(parker);
    }
    parker
}

/// A shared place that names a parker, or nobody.
#[derive(Debug)]
pub(crate) struct ParkerCell {
    /// Null, or a parker that is never freed.
    parker: AtomicPtr<Parker>,
}

impl ParkerCell {
    pub(crate) fn new() -> Self {
        Self {
            parker: AtomicPtr::new(ptr::null_mut()),
        }
    }

    pub(crate) fn set(&self, parker: &'static Parker) {
        // Ordering: Release publishes the parker's construction; pairs with the Acquire in `unpark`.
        self.parker.store(ptr::from_ref(parker).cast_mut(), Release);
    }

    /// Unparks the thread named here, if any.
    pub(crate) fn unpark(&self) {
        // Ordering: Acquire pairs with the Release in `set`.
        let parker = self.parker.load(Acquire);
        // SAFETY: by the invariant of the field it is null or points to a parker that is never freed.
        if let Some(parker) = unsafe { parker.as_ref() } {
            parker.unpark();
        }
    }
}

#[cfg(not(zeropool_loom))]
mod lease {
    //! The process-wide store: parkers are leaked on purpose and handed from exited threads to new ones.
    use super::{super::process, Parker};
    use std::cell::Cell;
    use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

    static RETURNED: Mutex<Vec<&'static Parker>> = Mutex::new(Vec::new());

    thread_local! {
        // No destructor, so it can be read during thread-local destruction too.
        static MINE: Cell<Option<&'static Parker>> = const { Cell::new(None) };
        static RETURN_AT_EXIT: ReturnAtExit = const { ReturnAtExit };
    }

    struct ReturnAtExit;

    impl Drop for ReturnAtExit {
        fn drop(&mut self) {
            if let Some(parker) = MINE.take()
                && let Some(mut returned) = returned()
            {
                returned.push(parker);
            }
        }
    }

    /// The store. In the child of a fork its lock may be held by a thread that is not there; then there is none.
    fn returned() -> Option<MutexGuard<'static, Vec<&'static Parker>>> {
        if process::is_first() {
            return Some(RETURNED.lock().unwrap_or_else(PoisonError::into_inner));
        }
        match RETURNED.try_lock() {
            Ok(returned) => Some(returned),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    impl Parker {
        /// The calling thread's parker, leased on first use and returned at thread exit. Allocates at most
        /// once per thread, and only while more threads are alive than ever before.
        pub(crate) fn of_this_thread() -> &'static Self {
            MINE.get().unwrap_or_else(|| {
                let parker = returned()
                    .and_then(|mut returned| returned.pop())
                    .unwrap_or_else(|| Box::leak(Box::new(Parker::new())));
                MINE.set(Some(parker));
                // After thread-local destruction this fails: the parker then never comes back, a few bytes for
                // each thread that waits so late.
                let _ = RETURN_AT_EXIT.try_with(|_| ());
                parker
            })
        }
    }
}

#[cfg(all(target_os = "linux", not(zeropool_loom), not(miri)))]
mod os {
    //! A futex on the state word itself.
    use super::{Acquire, AtomicU32, Duration, PARKED};
    use rustix::thread::futex;

    #[derive(Debug)]
    pub(super) struct Sleep;

    impl Sleep {
        pub(super) fn new() -> Self {
            Self
        }

        pub(super) fn wait_while_parked(&self, state: &AtomicU32, timeout: Option<Duration>) {
            let timeout = timeout.map(|limit| rustix::thread::Timespec {
                tv_sec: limit.as_secs().try_into().unwrap_or(i64::MAX),
                tv_nsec: limit.subsec_nanos().into(),
            });
            // One call: an interrupted or spurious return is a spurious wake-up, which callers expect.
            // A failed call means the word changed, the time is up, or a signal came; none is an error here.
            // Ordering: Acquire pairs with the Release swap in `unpark`.
            if state.load(Acquire) == PARKED {
                let _ = futex::wait(state, futex::Flags::PRIVATE, PARKED, timeout.as_ref());
            }
        }

        pub(super) fn wake(&self, state: &AtomicU32) {
            // Waking can only fail for an invalid address, and this one is a reference.
            let _ = futex::wake(state, futex::Flags::PRIVATE, 1);
        }
    }
}

#[cfg(all(any(not(target_os = "linux"), miri), not(zeropool_loom)))]
mod os {
    //! A mutex and a condition variable, where there is no futex to call.
    use super::{Acquire, AtomicU32, Duration, PARKED};
    use std::sync::{Condvar, Mutex, PoisonError};

    #[derive(Debug)]
    pub(super) struct Sleep {
        gate: Mutex<()>,
        changed: Condvar,
    }

    impl Sleep {
        pub(super) fn new() -> Self {
            Self {
                gate: Mutex::new(()),
                changed: Condvar::new(),
            }
        }

        pub(super) fn wait_while_parked(&self, state: &AtomicU32, timeout: Option<Duration>) {
            let guard = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
            // Ordering: Acquire pairs with the Release swap in `unpark`. Under the gate, so that `wake`
            // cannot pass between this test and the wait.
            if state.load(Acquire) == PARKED {
                match timeout {
                    Some(limit) => drop(self.changed.wait_timeout(guard, limit)),
                    None => drop(self.changed.wait(guard)),
                }
            }
        }

        pub(super) fn wake(&self, _state: &AtomicU32) {
            // Taking the gate once orders this wake-up after the owner's test of the word.
            drop(self.gate.lock().unwrap_or_else(PoisonError::into_inner));
            self.changed.notify_one();
        }
    }
}

#[cfg(zeropool_loom)]
mod os {
    //! loom's mutex and condition variable, so that a model sees the wake-up's happens-before edge.
    use super::{Acquire, AtomicU32, Duration, PARKED};
    use loom::sync::{Condvar, Mutex};

    #[derive(Debug)]
    pub(super) struct Sleep {
        gate: Mutex<()>,
        changed: Condvar,
    }

    impl Sleep {
        pub(super) fn new() -> Self {
            Self {
                gate: Mutex::new(()),
                changed: Condvar::new(),
            }
        }

        pub(super) fn wait_while_parked(&self, state: &AtomicU32, timeout: Option<Duration>) {
            if timeout.is_some() {
                // Any time may be over at once.
                loom::thread::yield_now();
                return;
            }
            let guard = self.gate.lock().unwrap();
            if state.load(Acquire) == PARKED {
                drop(self.changed.wait(guard));
            }
        }

        pub(super) fn wake(&self, _state: &AtomicU32) {
            drop(self.gate.lock().unwrap());
            self.changed.notify_one();
        }
    }
}
