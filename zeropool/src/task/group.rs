//! What a task belongs to, and tells when it ends: a scope, or the pool itself.

use crate::panic::{Payload, discard};
use crate::sync::{AtomicBool, AtomicUsize, Ordering::Relaxed, Parker};
use crate::task::counts::ScopeCounts;
use crate::task::owned::OwnedCounts;
use crate::task::queues::TaskList;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The tasks of one scope.
#[derive(Debug)]
pub(crate) struct ScopeGroup {
    pub(crate) counts: ScopeCounts,
    /// The index of the desk that the owner has from the beginning of the scope to its end: the scope's home. `None` if it
    /// has none. Who works there is the owner.
    home: Option<usize>,
    /// Every task that is not in the home deque and that nobody has been seen to claim, so that the waiting owner finds its
    /// own wherever they are queued.
    pub(crate) unclaimed: TaskList,
    /// Pushes on `unclaimed` since it was last swept.
    pushed: AtomicUsize,
    /// The first panic that no handle collected.
    panic: Mutex<Option<Payload>>,
    /// Panics that lie in task blocks, waiting to be collected by a handle.
    uncollected: AtomicUsize,
}

impl ScopeGroup {
    pub(crate) fn new(owner: &'static Parker, home: Option<usize>) -> Self {
        Self {
            counts: ScopeCounts::new(owner),
            home,
            unclaimed: TaskList::new(),
            pushed: AtomicUsize::new(0),
            panic: Mutex::new(None),
            uncollected: AtomicUsize::new(0),
        }
    }

    /// True if a thread at the desk with this index, in the scope's pool, is the owner at home.
    #[inline]
    pub(crate) fn is_home(&self, desk: usize) -> bool {
        self.home == Some(desk)
    }

    /// True when so many were pushed that claimed ones should be taken out of `unclaimed`, which keeps its length
    /// proportional to the tasks that are pending.
    pub(crate) fn should_sweep(&self) -> bool {
        // Ordering: Relaxed; a heuristic.
        let pushed = self.pushed.fetch_add(1, Relaxed) + 1;
        if pushed as u64 > 2 * u64::from(self.counts.load().pending()) + 256 {
            self.pushed.store(0, Relaxed);
            true
        } else {
            false
        }
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
    pub(crate) counts: OwnedCounts,
    gate: Mutex<()>,
    idle: Condvar,
    on_panic: Arc<dyn Fn(Payload) + Send + Sync>,
    /// Nobody waits for the pool's end: once idle, it is told so.
    detached: AtomicBool,
    on_detached_idle: Box<dyn Fn() + Send + Sync>,
    /// Tasks that have not started never will, and those that have are asked to stop.
    cancelling: AtomicBool,
}

impl PoolGroup {
    pub(crate) fn new(
        on_panic: Arc<dyn Fn(Payload) + Send + Sync>,
        on_detached_idle: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self {
            counts: OwnedCounts::new(),
            gate: Mutex::new(()),
            idle: Condvar::new(),
            on_panic,
            detached: AtomicBool::new(false),
            on_detached_idle,
            cancelling: AtomicBool::new(false),
        }
    }

    /// For a pool that stands for this one.
    pub(crate) fn panic_handler(&self) -> Arc<dyn Fn(Payload) + Send + Sync> {
        Arc::clone(&self.on_panic)
    }

    /// From now on no task starts, and running ones are asked to stop.
    pub(crate) fn cancel_all(&self) {
        // Ordering: Relaxed; a flag that carries no data. Whoever calls this looks into the queues afterwards.
        self.cancelling.store(true, Relaxed);
    }

    #[inline]
    pub(crate) fn is_cancelling(&self) -> bool {
        // Ordering: Relaxed, as above.
        self.cancelling.load(Relaxed)
    }

    /// A task has ended, or what was counted as one.
    #[inline]
    pub(crate) fn ended(&self) {
        if self.counts.end() {
            self.tell_if_idle();
        }
    }

    #[cold]
    fn tell_if_idle(&self) {
        if !self.counts.is_idle() {
            return;
        }
        // Taking the gate orders this wake-up after a waiter's test of the counts.
        drop(lock(&self.gate));
        self.idle.notify_all();
        // Ordering: Relaxed; whoever detaches is a watcher afterwards, and looks at the counts after that.
        if self.detached.load(Relaxed) {
            (self.on_detached_idle)();
        }
    }

    /// From now on nobody waits: the callback is called once no task is pending, at once if that is so already.
    pub(crate) fn detach(&self) {
        // Ordering: Relaxed; published by the exchange in `watch`.
        self.detached.store(true, Relaxed);
        self.counts.watch();
        self.tell_if_idle();
    }

    /// Blocks until no owned task is pending, or the time is up; true if idle.
    pub(crate) fn wait_idle(&self, limit: Option<Duration>) -> bool {
        // A limit beyond what the clock can express is no limit.
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        self.counts.watch();
        let idle = self.wait_until(deadline);
        self.counts.stop_watching();
        idle
    }

    /// For watchers.
    fn wait_until(&self, deadline: Option<Instant>) -> bool {
        let mut gate = lock(&self.gate);
        while !self.counts.is_idle() {
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
