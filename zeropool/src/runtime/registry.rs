//! What the threads of one pool share.

use super::config::Hooks;
use super::current;
use super::sleep::Sleep;
use super::worker::{self, Desk, Slot, Worker};
use crate::buffer::BufferPool;
use crate::queue::block::BlockAllocator;
use crate::sync::{
    AtomicBool, AtomicUsize,
    Ordering::{Relaxed, SeqCst},
    Parker, fence, thread,
};
use crate::task::Context;
use crate::task::block::TaskRef;
use crate::task::group::PoolGroup;
use crate::task::queues::TaskInjector;
use crossbeam_utils::CachePadded;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Desks for threads that are not the pool's own. A thread that finds none does its own work alone.
const GUEST_DESKS: usize = 16;

/// Entries in the injector above which claimed ones are cleared out.
const INJECTOR_SWEEP_LEN: usize = 1024;

/// The shared state of a pool. Kept alive by its threads, its handles and whoever works in it.
pub(crate) struct Registry {
    /// First the worker threads' slots, then the guests'.
    pub(super) slots: Box<[CachePadded<Slot>]>,
    pub(super) workers: usize,
    pub(super) injector: TaskInjector,
    pub(super) sleep: Sleep,
    pub(crate) owned: PoolGroup,
    pub(super) buffers: BufferPool,
    pub(super) hooks: Hooks,
    /// No owned task is accepted any more.
    pub(super) closed: AtomicBool,
    /// `Pool` values that exist; the last one shuts down.
    pub(super) handles: AtomicUsize,
    pub(super) threads: Mutex<Vec<thread::JoinHandle<()>>>,
    /// Last, because everything above may hold references to blocks.
    pub(crate) blocks: BlockAllocator,
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
        buffers: BufferPool,
        hooks: Hooks,
        owned: PoolGroup,
    ) -> Self {
        let slots = workers + GUEST_DESKS;
        Self {
            slots: (0..slots).map(Desk::new).collect(),
            workers,
            injector: TaskInjector::new(),
            sleep: Sleep::new(slots, workers),
            owned,
            buffers,
            hooks,
            closed: AtomicBool::new(false),
            handles: AtomicUsize::new(1),
            threads: Mutex::new(Vec::new()),
            blocks: BlockAllocator::new(),
        }
    }

    pub(crate) fn buffers(&self) -> &BufferPool {
        &self.buffers
    }

    pub(crate) fn workers(&self) -> usize {
        self.workers
    }

    pub(super) fn slot_of(&self, execution: u64) -> Option<&Slot> {
        let slot = self.slots.get(worker::slot_index_of(execution)?)?;
        Some(slot)
    }

    /// Is there anything that a worker could take?
    pub(super) fn has_work(&self) -> bool {
        !self.injector.is_empty()
            || self
                .slots
                .iter()
                .any(|slot| !slot.forks.is_empty() || !slot.spawns.is_empty())
    }

    /// Puts a task where workers look for it: on the calling thread's deque if it has a desk here, else into the
    /// injector. The caller then calls `sleep.posted()`.
    pub(super) fn queue(self: &Arc<Self>, task: TaskRef) {
        current::with(|place| {
            match place.and_then(|place| {
                place
                    .chain()
                    .filter_map(current::Place::worker)
                    .find(|worker| Arc::ptr_eq(worker.registry, self))
            }) {
                Some(worker) => worker.desk.spawns.push_newest(task),
                None => self.injector.push(task),
            }
        });
    }

    /// True if the calling thread is inside a task, join or scope of this pool.
    pub(super) fn is_here(self: &Arc<Self>) -> bool {
        current::with(|place| {
            place.is_some_and(|place| {
                place
                    .chain()
                    .filter_map(current::Place::worker)
                    .any(|worker| Arc::ptr_eq(worker.registry, self))
            })
        })
    }

    /// Runs `f` with the calling thread at a desk of this pool: the one it has, or a leased one. `None` if all guest
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
                let found = place
                    .chain()
                    .filter_map(current::Place::worker)
                    .find(|worker| Arc::ptr_eq(worker.registry, self));
                if let Some(worker) = found {
                    return current::enter(self, Some(worker.desk), || f(Some(worker)));
                }
            }
            match Lease::take(self) {
                Some(lease) => {
                    let desk = lease.desk();
                    current::enter(self, Some(desk), || {
                        f(Some(Worker {
                            registry: self,
                            desk,
                        }))
                    })
                }
                None => current::enter(self, None, || f(None)),
            }
        })
    }

    /// Runs a task here if nobody has claimed it.
    pub(crate) fn run_here(self: &Arc<Self>, worker: Option<Worker<'_>>, task: &TaskRef) -> bool {
        let Some(claim) = task.try_claim() else {
            return false;
        };
        match worker {
            Some(worker) => worker.run_claim(task, claim),
            None => {
                let mut cx = Context::new(self, None, Some(task.state()));
                claim.run(&mut cx);
            }
        }
        true
    }

    /// Drops entries of claimed tasks when the injector has become long. A busy or ended pool would else collect
    /// one for every task that its scope's owner ran itself.
    pub(super) fn sweep_injector(&self) {
        let len = self.injector.len();
        if len > INJECTOR_SWEEP_LEN {
            for _ in 0..len {
                match self.injector.pop() {
                    Some(task) if task.is_claimed() => drop(task),
                    Some(task) => self.injector.push(task),
                    None => break,
                }
            }
            self.sleep.posted();
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        // Ordering: Relaxed; decided by the fences in `close` and `accept`.
        self.closed.load(Relaxed)
    }

    /// Counts an owned task as accepted, unless the pool is closed.
    pub(super) fn accept(&self) -> bool {
        self.owned.spawned();
        // Ordering: SeqCst; either this look sees `closed`, or `close`'s caller sees the count.
        fence(SeqCst);
        if self.is_closed() {
            self.owned.ended();
            return false;
        }
        true
    }

    /// From here on no owned task is accepted.
    pub(super) fn close(&self) {
        // Ordering: Relaxed, then SeqCst; see `accept`.
        self.closed.store(true, Relaxed);
        fence(SeqCst);
    }

    /// Closes, waits for every accepted task, ends the threads. See `docs` of [`Pool::shutdown`](crate::Pool::shutdown).
    pub(super) fn shutdown(self: &Arc<Self>) {
        self.close();
        if self.is_here() {
            // We are inside one of its tasks: waiting for ourselves would never end. The threads drain what was
            // accepted and leave by themselves.
            self.sleep.terminate();
            drop(std::mem::take(&mut *self.lock_threads()));
            return;
        }
        self.owned.wait_idle(None);
        self.sleep.terminate();
        let threads = std::mem::take(&mut *self.lock_threads());
        for thread in threads {
            // A worker thread ends by a panic only if the machinery is broken; it has said so itself.
            let _ = thread.join();
        }
    }

    pub(super) fn lock_threads(&self) -> std::sync::MutexGuard<'_, Vec<thread::JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The body of a worker thread.
    pub(super) fn run_worker(self: Arc<Self>, index: usize) {
        let parker = Parker::of_this_thread();
        let Some(desk) = self.slots[index].desk.take() else {
            unreachable!("a worker's desk is taken by its thread only");
        };
        self.sleep.occupy(index, parker);
        self.hooks.thread_started(index);
        current::enter(&self, Some(&desk), || {
            Worker {
                registry: &self,
                desk: &desk,
            }
            .main_loop(parker);
        });
        self.hooks.thread_exiting(index);
        self.slots[index].desk.store(Some(desk));
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Nobody works here any more. What is left are entries of claimed tasks, and tasks whose last chance to
        // run is gone with the threads; the latter are cancelled.
        let left = std::iter::from_fn(|| {
            self.injector.pop().or_else(|| {
                self.slots
                    .iter()
                    .find_map(|slot| slot.spawns.steal_oldest())
            })
        });
        for task in left {
            if let Some(claim) = task.try_claim() {
                claim.cancel();
            }
        }
    }
}

/// A guest's desk, with a seat if one was free; both go back on drop.
struct Lease<'a> {
    registry: &'a Arc<Registry>,
    desk: Option<Box<Desk>>,
}

impl<'a> Lease<'a> {
    fn take(registry: &'a Arc<Registry>) -> Option<Self> {
        let guests = &registry.slots[registry.workers..];
        let desk = guests.iter().find_map(|slot| slot.desk.take())?;
        registry
            .sleep
            .occupy(desk.index, Parker::of_this_thread());
        desk.seated.set(registry.sleep.try_seat());
        Some(Self {
            registry,
            desk: Some(desk),
        })
    }

    fn desk(&self) -> &Desk {
        match &self.desk {
            Some(desk) => desk,
            None => unreachable!("the desk goes back on drop only"),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(desk) = self.desk.take() {
            let registry = self.registry;
            if desk.seated.replace(false) {
                registry.sleep.release_seat(|| registry.has_work());
            }
            let index = desk.index;
            registry.slots[index].desk.store(Some(desk));
        }
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
