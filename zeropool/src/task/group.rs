#![allow(unsafe_code)] // Fences: the last decrement of a scope's count, after which the scope may be gone.
//! What a task belongs to, and tells when it ends: a scope, or the pool itself.
//!
//! A [`ScopeGroup`] lies in the frame of the scope's caller. Its count word packs everything a waiting caller
//! decides on, so that one atomic operation both changes it and tells whether the caller has to be woken:
//!
//! | bits | name | meaning |
//! |---|---|---|
//! | 0..31 | pending | tasks spawned and not ended |
//! | 32..62 | active | threads that run one of them, or have just run one and look whether there is another |
//! | 63 | `WAITING` | the caller sleeps, or is about to |

use crate::panic::{Payload, discard};
use crate::sync::{
    AtomicBool, AtomicU64, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, SeqCst},
    Parker, fence,
};
use crate::task::list::TaskList;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const PENDING: u64 = 1;
const ACTIVE: u64 = 1 << 32;
const WAITING: u64 = 1 << 63;
const COUNT_MAX: u64 = (1 << 30) - 1;

/// A plain copy of the count word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts(u64);

impl Counts {
    pub(crate) fn pending(self) -> u64 {
        self.0 & (ACTIVE - 1)
    }

    pub(crate) fn active(self) -> u64 {
        (self.0 & !WAITING) >> 32
    }

    /// No task is pending and no thread is active: the scope can end.
    pub(crate) fn is_over(self) -> bool {
        self.0 & !WAITING == 0
    }

    fn is_waiting(self) -> bool {
        self.0 & WAITING != 0
    }
}

/// The tasks of one scope.
#[derive(Debug)]
pub(crate) struct ScopeGroup {
    counts: AtomicU64,
    /// The thread that will wait at the scope's end; it made the group.
    owner: &'static Parker,
    /// Every task that nobody has been seen to claim, so that the waiting owner finds its own wherever they
    /// are queued.
    pub(crate) unclaimed: TaskList,
    /// Pushes on `unclaimed` since it was last swept.
    pushed: AtomicUsize,
    /// The first panic that no handle collected.
    panic: Mutex<Option<Payload>>,
    /// Panics that lie in task blocks, waiting to be collected by a handle.
    uncollected: AtomicUsize,
}

impl ScopeGroup {
    pub(crate) fn new(owner: &'static Parker) -> Self {
        Self {
            counts: AtomicU64::new(0),
            owner,
            unclaimed: TaskList::new(),
            pushed: AtomicUsize::new(0),
            panic: Mutex::new(None),
            uncollected: AtomicUsize::new(0),
        }
    }

    pub(crate) fn owner(&self) -> &'static Parker {
        self.owner
    }

    /// The counts now; with no task pending, everything the tasks did is visible.
    pub(crate) fn counts(&self) -> Counts {
        // Ordering: Acquire pairs with the Release half of the decrement in `ended`.
        Counts(self.counts.load(Acquire))
    }

    /// A task is about to be made public.
    pub(crate) fn spawned(&self) {
        // Ordering: Relaxed; the task is published by the queue it goes to, and only the decrement matters to
        // the owner.
        let before = Counts(self.counts.fetch_add(PENDING, Relaxed));
        if before.pending() >= COUNT_MAX {
            eprintln!("zeropool: more than {COUNT_MAX} tasks pending in one scope; aborting");
            std::process::abort();
        }
    }

    /// True when so many were pushed that claimed ones should be taken out of `unclaimed`, which keeps its length
    /// proportional to the tasks that are pending.
    pub(crate) fn should_sweep(&self) -> bool {
        // Ordering: Relaxed; a heuristic.
        let pushed = self.pushed.fetch_add(1, Relaxed) + 1;
        if pushed as u64 > 2 * Counts(self.counts.load(Relaxed)).pending() + 256 {
            self.pushed.store(0, Relaxed);
            true
        } else {
            false
        }
    }

    /// After the task is in its queue and in `unclaimed`, and a `SeqCst` fence: wakes the owner if it sleeps.
    pub(crate) fn posted(&self) {
        // Ordering: Relaxed after the caller's fence, which pairs with the one the owner issues between
        // `announce_wait` and its last look into `unclaimed`.
        if Counts(self.counts.load(Relaxed)).is_waiting() {
            self.owner.unpark();
        }
    }

    /// Somebody has claimed a task in order to run it.
    pub(crate) fn begun(&self) {
        // Ordering: Relaxed; a count for the owner's decision whether to work or to sleep.
        self.counts.fetch_add(ACTIVE, Relaxed);
    }

    /// A task has ended, and everything of it is dropped.
    ///
    /// # Safety
    /// 1. `this` is live up to this call; it is, as long as the task counts as pending.
    /// 2. The caller touches neither the group nor anything of `'scope` after this call, except for calling
    ///    [`ScopeGroup::left`] if the task was [begun](ScopeGroup::begun).
    pub(crate) unsafe fn ended(this: *const Self) {
        // SAFETY: 1 and 2 are the caller's.
        unsafe { Self::subtract(this, PENDING) };
    }

    /// A thread that has run a task of the scope is not about to run another one.
    ///
    /// # Safety
    /// 1. The caller has begun a task and not called this for it; the group is live because it counts the caller.
    /// 2. The caller touches neither the group nor anything of `'scope` after this call.
    pub(crate) unsafe fn left(this: *const Self) {
        // SAFETY: 1 and 2 are the caller's.
        unsafe { Self::subtract(this, ACTIVE) };
    }

    /// # Safety
    /// 1. `this` is live up to this call: it has counted the caller in `change`.
    /// 2. The caller touches it afterwards only if it counts the caller otherwise.
    unsafe fn subtract(this: *const Self, change: u64) {
        // SAFETY: by obligation 1 the group is live until the decrement below.
        let counts = unsafe { &raw const (*this).counts };
        // SAFETY: as above; a copy.
        let owner = unsafe { (*this).owner };
        // SAFETY: as above; the reference ends with the operation.
        // Ordering: Release publishes what the task did to the owner's Acquire in `counts`; Acquire so that
        // the last decrement carries what all others published.
        let before = unsafe { &*counts }.fetch_sub(change, AcqRel);
        // The group may be gone now; `owner` was copied out and lives for ever.
        let after = Counts(before - change);
        if after.is_waiting() && after.active() == 0 {
            owner.unpark();
        }
    }

    /// The owner is about to sleep; returns the counts that this announcement saw.
    pub(crate) fn announce_wait(&self) -> Counts {
        // Ordering: Acquire pairs with the Release half of the decrement in `ended`.
        Counts(self.counts.fetch_or(WAITING, AcqRel))
    }

    /// The owner is awake again.
    pub(crate) fn withdraw_wait(&self) {
        // Ordering: Relaxed; a waker that still sees the flag wakes in vain.
        self.counts.fetch_and(!WAITING, Relaxed);
    }

    /// Keeps the first panic for the scope's end and drops the others.
    pub(crate) fn store_panic(&self, payload: Payload) {
        let mut first = lock(&self.panic);
        if first.is_none() {
            *first = Some(payload);
        } else {
            drop(first);
            discard(payload);
        }
    }

    /// A payload stays in a block because a handle is alive that may collect it.
    pub(crate) fn panic_left_for_handle(&self) {
        // Ordering: Relaxed; read by the owner after all tasks ended.
        self.uncollected.fetch_add(1, Relaxed);
    }

    /// A handle has collected a payload, or passed it on.
    pub(crate) fn panic_collected(&self) {
        // Ordering: Relaxed, as above.
        self.uncollected.fetch_sub(1, Relaxed);
    }

    /// At the scope's end, with no task pending: the panic to resume, if any.
    pub(crate) fn take_panic(&self) -> Option<Payload> {
        if let Some(payload) = lock(&self.panic).take() {
            return Some(payload);
        }
        if self.uncollected.load(Relaxed) > 0 {
            return Some(Box::new(
                "a task of this scope panicked, and its handle was leaked",
            ));
        }
        None
    }
}

/// The owned tasks of a pool: counted, so that shutdown and `wait_idle` know when there are none.
pub(crate) struct PoolGroup {
    pending: AtomicUsize,
    gate: Mutex<()>,
    idle: Condvar,
    on_panic: Box<dyn Fn(Payload) + Send + Sync>,
    /// Nobody waits for the pool's end: once idle, it is told so.
    detached: AtomicBool,
    on_detached_idle: Box<dyn Fn() + Send + Sync>,
}

impl PoolGroup {
    pub(crate) fn new(
        on_panic: Box<dyn Fn(Payload) + Send + Sync>,
        on_detached_idle: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self {
            pending: AtomicUsize::new(0),
            gate: Mutex::new(()),
            idle: Condvar::new(),
            on_panic,
            detached: AtomicBool::new(false),
            on_detached_idle,
        }
    }

    pub(crate) fn spawned(&self) {
        // Ordering: Relaxed; see `ScopeGroup::spawned`. The pool's closing is ordered by the caller's fence.
        if self.pending.fetch_add(1, Relaxed) > usize::MAX / 2 {
            std::process::abort();
        }
    }

    pub(crate) fn ended(&self) {
        // Ordering: Release publishes what the task did to `wait_idle`; Acquire on the last decrement.
        if self.pending.fetch_sub(1, AcqRel) == 1 {
            // Taking the gate orders this wake-up after a waiter's test of the count.
            drop(lock(&self.gate));
            self.idle.notify_all();
            self.tell_if_detached();
        }
    }

    /// From now on nobody waits: the callback is called once no task is pending, at once if that is so already.
    pub(crate) fn detach(&self) {
        // Ordering: Relaxed; ordered by the fence in `tell_if_detached`.
        self.detached.store(true, Relaxed);
        self.tell_if_detached();
    }

    fn tell_if_detached(&self) {
        // Ordering: SeqCst; either `detach` sees no task pending, or whoever ended the last one sees `detached`.
        fence(SeqCst);
        if self.detached.load(Relaxed) && self.is_idle() {
            (self.on_detached_idle)();
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        // Ordering: Acquire pairs with the Release in `ended`.
        self.pending.load(Acquire) == 0
    }

    /// Blocks until no owned task is pending, or the time is up; true if idle.
    pub(crate) fn wait_idle(&self, limit: Option<Duration>) -> bool {
        // A limit beyond what the clock can express is no limit.
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let mut gate = lock(&self.gate);
        while !self.is_idle() {
            gate = match deadline {
                None => self.idle.wait(gate).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    self.idle
                        .wait_timeout(gate, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        true
    }

    /// Hands a panic that nobody collects to the pool's handler. A handler that panics is silenced.
    pub(crate) fn store_panic(&self, payload: Payload) {
        if let Err(second) = crate::panic::catch(|| (self.on_panic)(payload)) {
            discard(second);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
