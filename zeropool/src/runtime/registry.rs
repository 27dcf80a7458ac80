//! What the threads of one pool share.

use super::after_fork::Origin;
use super::config::Hooks;
use super::current;
use super::desk::{Desk, Slot};
use super::fork::Price;
use super::lanes::{Lane, Lanes};
use super::outside::{Outside, thread_number};
use super::sleep::{Places, Sleep};
use super::stats::{Counter, Counters, Stats};
use super::submit::Submission;
use super::worker::Worker;
use crate::batch::Watches;
use crate::buffer::{self, BufferPool};
use crate::panic::Payload;
use crate::queue::block::{BlockAllocator, BlockCache};
use crate::sync::{
    AtomicBool, AtomicUsize,
    Ordering::{Relaxed, Release, SeqCst},
    Parker, fence, thread,
};
use crate::task::Context;
use crate::task::block::{Claim, TaskRef};
use crate::task::group::PoolGroup;
use crate::task::owned::Shard;
use crate::task::queues::{SpawnStealer, TaskInjector};
use crossbeam_utils::CachePadded;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// Desks for threads that are not the pool's own. A thread that finds none does its own work alone.
const GUEST_DESKS: usize = 16;

/// So many of them are lent for the whole of a scope's body, which may take long and not work at all.
const BODY_DESKS: usize = 8;

/// So many entries of claimed tasks may lie in the injector before they are cleared out.
const ENTRIES_LEFT_MAX: usize = 1024;

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
    outside: Outside,
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
                slots: (0..slots).map(|index| Desk::slot(index, &blocks)).collect(),
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

    /// Runs `f` with the calling thread at work at a desk of this pool: the one it has, or a leased one. `None` if all guest
    /// desks are taken; `f` then has to do with the calling thread alone. Never blocks.
    pub(crate) fn with_desk<R>(self: &Arc<Self>, f: impl FnOnce(Option<Worker<'_>>) -> R) -> R {
        current::with(|place| {
            if let Some(place) = place {
                if let Some(worker) = place.worker()
                    && Arc::ptr_eq(worker.registry, self)
                {
                    return f(Some(worker));
                }
                // A desk of an outer frame: its owner is this same thread, so it may be used further in.
                if let Some((worker, works)) = place.desk_in(self) {
                    // In the body of a scope the thread has no seat; it takes one while it works.
                    let _seat = (!works).then(|| Seat::take(worker));
                    return current::enter(self, worker.desk, || f(Some(worker)));
                }
            }
            match Lease::take(self, &self.slots[self.workers..]) {
                Some(lease) => {
                    let worker = lease.worker();
                    let _seat = Seat::take(worker);
                    current::enter(self, worker.desk, || f(Some(worker)))
                }
                None => current::enter_without_desk(self, || f(None)),
            }
        })
    }

    /// Runs `f`, a scope from its body to its end, with the calling thread at a desk of this pool on which it may spawn: the one it
    /// has, or a leased one. `None` if there is none to spare. Takes no seat, never blocks.
    pub(super) fn with_body_desk<R>(
        self: &Arc<Self>,
        f: impl FnOnce(Option<Worker<'_>>) -> R,
    ) -> R {
        if !self.submission.uses_deques() {
            return current::install(self, || f(None));
        }
        current::with(|place| {
            if let Some(worker) = place.and_then(|place| place.worker_of(self)) {
                return current::install(self, || f(Some(worker)));
            }
            let guests = &self.slots[self.workers..];
            match Lease::take(self, &guests[GUEST_DESKS - BODY_DESKS..]) {
                Some(lease) => {
                    let worker = lease.worker();
                    current::enter_body(self, worker.desk, || f(Some(worker)))
                }
                None => current::install(self, || f(None)),
            }
        })
    }

    /// Runs a task here if nobody has claimed it, wherever it is queued.
    pub(crate) fn run_here(self: &Arc<Self>, worker: Option<Worker<'_>>, task: &TaskRef) -> bool {
        let entry = worker.and_then(|worker| worker.take_back(task));
        let Some(claim) = task.try_start_found(worker.map(|worker| worker.index())) else {
            return false;
        };
        let left = entry.is_none();
        drop(entry);
        if left {
            self.left_entry();
        }
        self.run_found(worker, claim);
        if left {
            self.clear_out_if_many();
        }
        true
    }

    /// Runs a task that is in no queue, so no entry is left of it.
    pub(super) fn run_unqueued(self: &Arc<Self>, worker: Option<Worker<'_>>, task: &TaskRef) {
        if let Some(claim) = task.try_start_found(worker.map(|worker| worker.index())) {
            self.run_found(worker, claim);
        }
    }

    #[inline(always)]
    fn run_found(self: &Arc<Self>, worker: Option<Worker<'_>>, claim: Claim<'_>) {
        match worker {
            Some(worker) => {
                worker.slot().counters.inline.bump();
                drop(worker.run_claim(claim));
            }
            None => {
                self.outside.counters().inline.bump_shared();
                self.run_without_desk(claim);
            }
        }
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

    /// A task was claimed by somebody who did not take its entry out of a queue, and has not begun to run or drop it, which may take
    /// long. [`Registry::clear_out_if_many`] follows afterwards.
    pub(crate) fn left_entry(&self) {
        // The queues are the parent's then, some behind locks that may be held.
        if self.is_forked() {
            return;
        }
        // Ordering: Release pairs with the Acquire in `clear_out`: whoever sees the number sees that the task is claimed.
        self.entries_left.fetch_add(1, Release);
        self.tell_who_waits_for_room();
    }

    /// Entries left behind are cleared out now and then, so that a thread which runs its own tasks while all workers are busy does
    /// not fill the queues: at most a constant number, or as many as there are live entries, at a constant cost for each.
    pub(crate) fn clear_out_if_many(self: &Arc<Self>) {
        // As in `left_entry`.
        if self.is_forked() {
            return;
        }
        let swept = current::with(|place| {
            let Some(Worker { desk, .. }) = place.and_then(|place| place.worker_of(self)) else {
                return false;
            };
            let left = desk.entries_left.get() + 1;
            let queue = &self.slots[desk.index].spawns;
            let sweep = left > ENTRIES_LEFT_MAX && left > queue.len() / 2;
            desk.entries_left.set(if sweep { 0 } else { left });
            if sweep {
                self.sweep_spawns(desk);
            }
            sweep
        });
        // Ordering: Relaxed; `clear_out` acquires.
        let left = self.entries_left.load(Relaxed);
        let queued = || self.injector.len() + self.lanes.total();
        if left > ENTRIES_LEFT_MAX && left > queued() / 2 {
            self.clear_out();
        }
        if swept {
            // A worker that looked while an entry was in our hands may have gone to sleep.
            self.requeued();
        }
    }

    /// Takes the entries of claimed tasks out of the calling thread's deque.
    fn sweep_spawns(&self, desk: &Desk) {
        let queue = &self.slots[desk.index].spawns;
        // Oldest first, and back at the other end: the order stays.
        for task in (0..queue.len()).map_while(|_| queue.steal_oldest()) {
            if task.is_claimed() {
                task.drop_into(&desk.blocks);
            } else {
                desk.spawns.push_newest(task);
            }
        }
    }

    /// After many tasks were put on the calling thread's deque: a task that another thread has claimed, by its handle or at the end of
    /// its scope, leaves its entry there, and nobody else may look there before this thread has done what it is at.
    #[cold]
    pub(super) fn sweep_own_deque(self: &Arc<Self>, desk: &Desk) {
        let queue = &self.slots[desk.index].spawns;
        let before = queue.len();
        self.sweep_spawns(desk);
        desk.swept(queue.len());
        if before > 0 {
            // A worker that looked while an entry was in our hands may have gone to sleep.
            self.requeued();
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        // Ordering: Relaxed; `closed_after_count` decides.
        self.closed.load(Relaxed)
    }

    /// Counts as an owned task what has no handle, unless the pool is closed.
    pub(super) fn accept_without_handle(&self) -> bool {
        self.owned.counts.accept(Shard::of(thread_number()));
        !self.closed_after_count()
    }

    /// Was the pool closed when a task was counted as accepted just now? Then it no longer is.
    #[inline]
    pub(super) fn closed_after_count(&self) -> bool {
        // Ordering: SeqCst, as is the exchange that counted: either this look sees `closed`, or `close`'s caller sees the count.
        let closed = self.closed.load(SeqCst);
        if closed {
            self.owned.ended();
        }
        closed
    }

    /// From here on no owned task is accepted. True for the first caller.
    fn close(&self) -> bool {
        // Ordering: SeqCst, and a fence before the caller looks at the count; see `closed_after_count`.
        let first = !self.closed.swap(true, SeqCst);
        fence(SeqCst);
        first
    }

    /// Closes, waits for every accepted task, ends the threads. See `docs` of [`Pool::shutdown`](crate::Pool::shutdown).
    pub(super) fn shutdown(self: &Arc<Self>) {
        let first = self.close();
        self.end(first);
    }

    /// The rest of a shutdown, on a closed pool; `first`: nobody else has begun one.
    fn end(self: &Arc<Self>, first: bool) {
        if self.is_here() {
            // We are inside one of its tasks: waiting for ourselves would never end. The threads drain what was
            // accepted and leave by themselves, unless another thread waits for that already.
            if first {
                self.owned.detach();
            }
            return;
        }
        current::blocking(|| {
            self.owned.wait_idle(None);
            self.terminate();
            // Locked until all have ended, so that a second caller waits as long.
            for thread in self.lock_threads().drain(..) {
                // A worker thread ends by a panic only if the machinery is broken; it has said so itself.
                let _ = thread.join();
            }
        });
    }

    /// As [`Registry::shutdown`], but owned tasks that have not started are cancelled, and those that have are asked to stop.
    pub(super) fn shutdown_now(self: &Arc<Self>) {
        let first = self.close();
        self.owned.cancel_all();
        // Whatever is claimed from here on is cancelled by its claimer. What lies in the queues now is cancelled here, so that nobody
        // waits for a worker to come free; what its spawner moves meanwhile may slip through, and wait. The borrowed tasks of scopes stay: they move to the end of the injector, or stay on
        // the deque where they are at home, with what lies above them.
        let queued: usize = self.injector.len() + self.lanes.total() + self.spawned_elsewhere();
        let mut stayed = false;
        for task in (0..queued).map_while(|_| self.take_queued()) {
            if task.is_owned() {
                if let Some(claim) = task.try_claim() {
                    self.cancel(claim);
                }
            } else if !task.is_claimed() {
                stayed = true;
                self.injector.push(task);
            }
        }
        if stayed {
            // A worker that looked while an entry was in our hands may have gone to sleep.
            self.requeued();
        }
        self.end(first);
    }

    fn spawned_elsewhere(&self) -> usize {
        self.slots.iter().map(|slot| slot.spawns.len()).sum()
    }

    /// Takes an entry out of whichever queue has one, save those that the owner of a scope will look for on its deque.
    pub(super) fn take_queued(&self) -> Option<TaskRef> {
        let spawned = || {
            self.slots
                .iter()
                .find_map(|slot| slot.spawns.steal_oldest_abroad())
        };
        let urgent = self.lanes.pop(Lane::High);
        let usual = urgent.or_else(spawned).or_else(|| self.injector.pop());
        usual.or_else(|| self.lanes.pop_any())
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

impl Drop for Registry {
    fn drop(&mut self) {
        if self.is_forked() {
            // The tasks and the threads are the parent's.
            let threads = self
                .threads
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::forget(std::mem::take(threads));
            return;
        }
        // Nobody works here any more. What is left are entries of claimed tasks, and tasks whose last chance to
        // run is gone with the threads; the latter are cancelled.
        let spawned = || {
            let mut deques = self.slots.iter().map(|slot| &slot.spawns);
            deques.find_map(SpawnStealer::steal_oldest)
        };
        for task in std::iter::from_fn(|| spawned().or_else(|| self.take_queued())) {
            if let Some(claim) = task.try_claim() {
                claim.cancel();
            }
        }
    }
}

/// A guest's desk, which goes back on drop.
struct Lease<'a> {
    registry: &'a Arc<Registry>,
    desk: Option<Box<Desk>>,
}

impl<'a> Lease<'a> {
    fn take(registry: &'a Arc<Registry>, among: &[CachePadded<Slot>]) -> Option<Self> {
        let desk = among.iter().find_map(|slot| slot.take_desk())?;
        registry.sleep.occupy(desk.index, Parker::of_this_thread());
        Some(Self {
            registry,
            desk: Some(desk),
        })
    }

    fn worker(&self) -> Worker<'_> {
        match &self.desk {
            Some(desk) => Worker {
                registry: self.registry,
                desk,
            },
            None => unreachable!("the desk goes back on drop only"),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(desk) = self.desk.take() {
            self.registry.slots[desk.index].put_desk(desk);
        }
    }
}

/// The seat of a thread that works for a while, if one was free; it goes back on drop.
struct Seat<'a>(Worker<'a>);

impl<'a> Seat<'a> {
    fn take(worker: Worker<'a>) -> Self {
        worker.take_seat();
        Self(worker)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.give_seat_back();
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
