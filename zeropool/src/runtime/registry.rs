//! What the threads of one pool share.

use super::after_fork::Origin;
use super::config::Hooks;
use super::current;
use super::desk::{Desk, Slot};
use super::fork::Price;
use super::lanes::Lanes;
use super::lease::GUEST_DESKS;
use super::outside::{Outside, thread_number};
use super::sleep::{Places, Sleep};
use super::stats::{Counter, Counters, Stats};
use super::submit::Submission;
use super::worker::Worker;
use crate::buffer::{self, BufferPool};
use crate::panic::Payload;
use crate::queue::block::{BlockAllocator, BlockCache};
use crate::sync::{
    AtomicBool, AtomicUsize,
    Ordering::{Relaxed, SeqCst},
    Parker, thread,
};
use crate::task::Context;
use crate::task::block::Claim;
use crate::task::group::PoolGroup;
use crate::task::owned::Shard;
use crate::task::queues::TaskInjector;
use crate::task::watch::Watches;
use crossbeam_utils::CachePadded;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// How forks are offered and found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forking {
    /// An idle worker looks for offers at least so often while others work.
    pub(super) heartbeat: Duration,
    /// Offering may take one part in so many of the time.
    pub(super) promotion_threshold: u32,
    /// The same for the offers of joins.
    pub(super) price: Price,
}

/// The shared state of a pool. Kept alive by its threads, its handles and whoever works in it.
pub(crate) struct Registry {
    /// First the worker threads' slots, then the guests'.
    pub(super) slots: Box<[CachePadded<Slot>]>,
    pub(super) workers: usize,
    pub(super) injector: TaskInjector,
    pub(super) lanes: Lanes,
    pub(super) submission: Submission,
    /// Claims since the injector was last swept that left an entry in some queue.
    pub(super) entries_left: AtomicUsize,
    pub(super) sleep: Sleep,
    pub(super) forking: Forking,
    /// For callers that have no desk.
    pub(super) outside: Outside,
    /// Boxed, as are the blocks, so that tasks' pointers to them stay apart from references to the registry.
    pub(crate) owned: Box<PoolGroup>,
    pub(super) buffers: BufferPool,
    pub(super) hooks: Hooks,
    /// No owned task is accepted any more.
    pub(super) closed: AtomicBool,
    /// `Pool` values that exist; the last one shuts down.
    pub(super) handles: AtomicUsize,
    pub(super) threads: Mutex<Vec<thread::JoinHandle<()>>>,
    /// Of batches that are spawned.
    watches: Watches,
    pub(super) origin: Origin,
    /// Last, because everything above may hold references to blocks.
    pub(crate) blocks: Box<BlockAllocator>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("workers", &self.workers)
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

impl Registry {
    pub(super) fn new(
        workers: usize,
        forking: Forking,
        buffers: BufferPool,
        hooks: Hooks,
        on_panic: Box<dyn Fn(Payload) + Send + Sync>,
        submission: Submission,
    ) -> Arc<Self> {
        let on_panic = Arc::from(on_panic);
        Self::with_origin(
            workers,
            forking,
            buffers,
            hooks,
            on_panic,
            submission,
            Origin::built(),
        )
    }

    pub(super) fn with_origin(
        workers: usize,
        forking: Forking,
        buffers: BufferPool,
        hooks: Hooks,
        on_panic: Arc<dyn Fn(Payload) + Send + Sync>,
        submission: Submission,
        origin: Origin,
    ) -> Arc<Self> {
        let slots = workers + GUEST_DESKS;
        Arc::new_cyclic(|this: &Weak<Self>| {
            let this = this.clone();
            let on_detached_idle = Box::new(move || {
                if let Some(registry) = this.upgrade() {
                    registry.terminate();
                }
            });
            let blocks = Box::new(BlockAllocator::new());
            Self {
                slots: (0..slots)
                    .map(|index| Desk::slot(index, slots, &blocks))
                    .collect(),
                workers,
                injector: submission.queue(),
                lanes: Lanes::new(workers, submission),
                submission,
                entries_left: AtomicUsize::new(0),
                sleep: Sleep::new(slots, workers),
                forking,
                outside: Outside::new(&blocks),
                owned: Box::new(PoolGroup::new(on_panic, on_detached_idle)),
                buffers,
                hooks,
                closed: AtomicBool::new(false),
                handles: AtomicUsize::new(1),
                threads: Mutex::new(Vec::new()),
                watches: Watches::new(),
                origin,
                blocks,
            }
        })
    }

    pub(super) fn stats(&self) -> Stats {
        let (own, guests) = self.slots.split_at(self.workers);
        Stats::read(
            own.iter().map(|slot| &*slot.counters),
            guests
                .iter()
                .map(|slot| &*slot.counters)
                .chain([self.outside.counters()]),
            self.outside.spawned_and_refused(),
        )
    }

    pub(crate) fn buffers(&self) -> &BufferPool {
        &self.buffers
    }

    pub(crate) fn watches(&self) -> &Watches {
        &self.watches
    }

    pub(crate) fn workers(&self) -> usize {
        self.workers
    }

    /// Counts something that the calling thread has done.
    pub(crate) fn count(self: &Arc<Self>, counter: impl Fn(&Counters) -> &Counter) {
        current::with(
            |place| match place.and_then(|place| place.worker_of(self)) {
                Some(worker) => counter(&worker.slot().counters).bump(),
                None => counter(self.outside.counters()).bump_shared(),
            },
        );
    }

    /// Counts a task as spawned, and passes the blocks at hand to `f`, if there are any: those of the calling thread's desk here, or of
    /// a tray.
    #[inline]
    pub(super) fn spawn_from<R>(self: &Arc<Self>, f: impl FnOnce(Option<&BlockCache>) -> R) -> R {
        current::with(
            |place| match place.and_then(|place| place.worker_of(self)) {
                Some(worker) => {
                    worker.slot().counters.spawned.bump();
                    f(Some(&worker.desk.blocks))
                }
                None => self.outside.spawn(f),
            },
        )
    }

    /// A task that was counted as spawned was not taken. Threads with a desk are never refused.
    pub(super) fn count_refused(&self) {
        self.outside.count_refused();
    }

    /// After a task was queued: wakes a worker if none is looking.
    #[inline]
    pub(super) fn posted(&self) {
        self.sleep.posted(self);
    }

    /// After tasks were taken out of queues and put back.
    pub(super) fn requeued(self: &Arc<Self>) {
        self.posted();
        if !self.origin.is_ordinary() {
            self.requeued_after_fork();
        }
    }

    /// True if the calling thread works for this pool: it is inside a task or a join of it.
    pub(super) fn is_here(self: &Arc<Self>) -> bool {
        current::with(|place| {
            place.is_some_and(|place| place.chain().any(|place| place.works_for(self)))
        })
    }

    pub(super) fn run_without_desk(self: &Arc<Self>, claim: Claim<'_>) {
        let task = claim.task();
        if task.is_pool_cancelling() {
            self.cancel(claim);
            return;
        }
        self.outside.counters().executed.bump_shared();
        let mut cx = Context::new(self, None, Some(task));
        buffer::while_working(|| drop(claim.run(&mut cx)));
        cx.wake();
    }

    /// Cancels a claimed task, on behalf of its handle or the pool's end.
    pub(crate) fn cancel(self: &Arc<Self>, claim: Claim<'_>) {
        // First, so that the counts are exact once all tasks have ended.
        self.count(|counters| &counters.cancelled);
        claim.cancel();
    }

    /// Counts as an owned task what has no handle, unless the pool is closed.
    pub(super) fn accept_without_handle(&self) -> bool {
        self.owned.counts.accept(Shard::of(thread_number()));
        !self.closed_after_count()
    }

    pub(super) fn lock_threads(&self) -> std::sync::MutexGuard<'_, Vec<thread::JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The body of a worker thread.
    pub(super) fn run_worker(self: Arc<Self>, index: usize) {
        let parker = Parker::of_this_thread();
        let Some(desk) = self.slots[index].take_desk() else {
            unreachable!("a worker's desk is taken by its thread only");
        };
        self.sleep.occupy(index, parker);
        current::enter(&self, &desk, || {
            self.hooks.thread_started(index);
            Worker {
                registry: &self,
                desk: &desk,
            }
            .main_loop(parker);
            if !self.is_forked() {
                self.hooks.thread_exiting(index);
            }
        });
        self.slots[index].put_desk(desk);
    }
}

impl Places for Registry {
    fn has_tasks(&self) -> bool {
        // Of the parent, behind locks that may be held.
        if self.is_forked() {
            return false;
        }
        // Not `is_empty`: see `Sleep::posted_by_exchange`.
        !self.injector.is_empty_for_sleeper()
            || self.slots.iter().any(|slot| !slot.spawns.is_empty())
            || self.lanes.has_tasks()
    }

    fn has_work(&self) -> bool {
        if self.is_forked() {
            return false;
        }
        !self.injector.is_empty_for_sleeper()
            || self
                .slots
                .iter()
                .any(|slot| !slot.forks.is_empty() || !slot.spawns.is_empty())
            || self.lanes.has_tasks()
    }

    fn ask_all(&self) {
        for slot in &self.slots {
            slot.forks.ask();
        }
    }

    fn is_called(&self, slot: usize) -> bool {
        self.lanes.is_called(slot)
    }
}

/// The number of `Pool` values.
impl Registry {
    pub(super) fn add_handle(&self) {
        // Ordering: Relaxed; the caller holds a handle or is inside the pool.
        self.handles.fetch_add(1, Relaxed);
    }

    /// True for the last.
    pub(super) fn drop_handle(&self) -> bool {
        // Ordering: AcqRel would do; SeqCst costs nothing here.
        self.handles.fetch_sub(1, SeqCst) == 1
    }
}
