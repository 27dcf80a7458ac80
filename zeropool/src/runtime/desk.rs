#![allow(unsafe_code)] // Fences: the latch of the running execution, named by address.
//! What a thread owns while it works for a pool, and what the others see of it.
//!
//! Worker threads have a desk for life; other threads lease one while they take part. **Executions**: whenever a thread
//! begins a stolen fork or a task, that execution gets a number that is never used again; its high bits say at which
//! slot it runs. Forks carry the number of the execution that made them (see `wait.rs`).

use super::atomic_box::AtomicBox;
use super::fork::{ForkStealer, Forks};
use super::look::Looks;
use super::stats::Counters;
use super::thief::Thief;
use crate::queue::block::{BlockAllocator, BlockCache};
use crate::sync::{
    AtomicBool, AtomicU64,
    Ordering::{Relaxed, Release},
};
use crate::task::latch::{Executing, Latch};
use crate::task::queues::{SpawnStealer, Spawns};
use crossbeam_utils::CachePadded;
use std::cell::Cell;
use std::time::Duration;

const SLOT_SHIFT: u32 = 48;

/// So many tasks at least are put on the deque before it is looked through again.
const SPAWNS_TO_SWEEP: usize = if cfg!(miri) { 16 } else { 1024 };

/// What a thread owns while it works for a pool. Worker threads have one for life, others lease one.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(super) index: usize,
    pub(super) forks: Forks,
    pub(super) spawns: Spawns,
    /// What lies in `spawns` below this mark is not to be popped: it was there before the innermost scope at home here
    /// began.
    pub(super) floor: Cell<u64>,
    /// Scopes that are at home here.
    pub(super) homes: Cell<u32>,
    /// Tasks put on `spawns` until it is looked through for entries that are left behind.
    spawns_to_sweep: Cell<usize>,
    /// Free blocks at hand, of the pool's allocator.
    pub(super) blocks: BlockCache,
    /// The innermost execution of this thread; what its forks are tagged with.
    pub(super) execution: Cell<u64>,
    next_execution: Cell<u64>,
    pub(super) executing: Executing,
    /// Stolen forks that a waiting thread has on top of each other.
    pub(super) steal_depth: Cell<u32>,
    pub(super) seated: Cell<bool>,
    /// Claims since `spawns` was last swept that left an entry in some queue.
    pub(super) entries_left: Cell<usize>,
    random: Cell<u64>,
    pub(super) thief: Thief,
    pub(super) looks: Looks,
    /// How long this thread has waited for forks and tasks.
    pub(super) waited: Cell<Duration>,
}

/// What the other threads see of a desk.
pub(crate) struct Slot {
    pub(super) forks: ForkStealer,
    pub(super) spawns: SpawnStealer,
    /// The execution that the thread waits for in its innermost execution, or 0.
    pub(super) waits_on: AtomicU64,
    /// A worker is running something.
    busy: AtomicBool,
    /// While no thread has it.
    desk: AtomicBox<Desk>,
    /// On lines of their own: they are written all the time, the rest is read by others.
    pub(super) counters: CachePadded<Counters>,
}

// A desk goes from thread to thread through its cell.
const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<Desk>();
};

impl Slot {
    /// The desk of this slot, unless a thread has it.
    pub(super) fn take_desk(&self) -> Option<Box<Desk>> {
        self.desk.take()
    }

    /// By the slot's worker, when it begins a stretch of work, and after it.
    pub(super) fn set_busy(&self, busy: bool) {
        // Ordering: Relaxed; a hint for placement.
        self.busy.store(busy, Relaxed);
    }

    pub(super) fn is_busy(&self) -> bool {
        // Ordering: Relaxed, as in `set_busy`.
        self.busy.load(Relaxed)
    }

    /// Gives the desk of this slot back.
    pub(super) fn put_desk(&self, desk: Box<Desk>) {
        self.desk.put(desk);
    }
}

impl Desk {
    /// A desk in its slot, one of so many.
    pub(super) fn slot(index: usize, slots: usize, blocks: &BlockAllocator) -> CachePadded<Slot> {
        let (forks, fork_stealer) = Forks::new();
        let (spawns, spawn_stealer) = Spawns::new();
        let desk = Box::new(Self {
            index,
            forks,
            spawns,
            floor: Cell::new(0),
            homes: Cell::new(0),
            spawns_to_sweep: Cell::new(SPAWNS_TO_SWEEP),
            blocks: BlockCache::new(blocks),
            execution: Cell::new(0),
            next_execution: Cell::new(((index as u64 + 1) << SLOT_SHIFT) | 1),
            executing: Executing::new(),
            steal_depth: Cell::new(0),
            seated: Cell::new(false),
            entries_left: Cell::new(0),
            random: Cell::new(index as u64 * 2 + 1),
            thief: Thief::new(slots),
            looks: Looks::new(),
            waited: Cell::new(Duration::ZERO),
        });
        CachePadded::new(Slot {
            forks: fork_stealer,
            spawns: spawn_stealer,
            waits_on: AtomicU64::new(0),
            busy: AtomicBool::new(false),
            desk: AtomicBox::new(desk),
            counters: CachePadded::default(),
        })
    }

    /// Counts a task put on `spawns`. True if it is time to look through it.
    #[inline]
    pub(super) fn count_spawn(&self) -> bool {
        let left = self.spawns_to_sweep.get() - 1;
        self.spawns_to_sweep.set(left);
        left == 0
    }

    /// Looked through, `spawns` holds so many: as often again, and twice as many, are spawned before the next time.
    pub(super) fn swept(&self, kept: usize) {
        self.spawns_to_sweep.set(SPAWNS_TO_SWEEP + 2 * kept);
    }

    /// xorshift64 (Marsaglia 2003, doi 10.18637/jss.v008.i14); never 0.
    pub(super) fn random(&self) -> usize {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.random.set(x);
        x as usize
    }

    /// Brackets `run`, which works towards completing `latch`, as an execution of this thread; `slot` is this desk's.
    pub(super) fn execute<R>(
        &self,
        slot: &Slot,
        latch: *const Latch,
        run: impl FnOnce() -> R,
    ) -> R {
        let number = self.next_execution.get();
        self.next_execution.set(number + 1);
        let outer = self.execution.replace(number);
        // Inside this execution the thread does not wait yet; what an outer frame waits for is not part of it.
        // Ordering: Relaxed load, as only this thread writes it. The store comes before the Release in `begin`: whoever
        // reads the new number sees this value or a later one.
        let outer_wait = slot.waits_on.load(Relaxed);
        if outer_wait != 0 {
            slot.waits_on.store(0, Release);
        }
        // SAFETY: the latch is not complete before `run`, and so its owner keeps it alive.
        unsafe { &*latch }.begin(number);
        // SAFETY: 1. forks, which nudge, are made by user code inside `run`, which ends before the latch is completed;
        // `execution` and `executing` are restored right after.
        let outer_latch = unsafe { self.executing.replace(latch) };
        let result = run();
        self.executing.restore(outer_latch);
        // This execution may have paused, which nobody who waits for it minded; whoever waits for the outer one has asked
        // before it went to sleep. The fence of the pause comes before this look.
        if self.executing.is_wanted() {
            self.forks.resume();
        }
        self.execution.set(outer);
        if outer_wait != 0 {
            // Ordering: Release pairs with the Acquire in `steal_part_of`.
            slot.waits_on.store(outer_wait, Release);
        }
        result
    }
}

/// The slot at which an execution runs.
pub(super) fn slot_index_of(execution: u64) -> Option<usize> {
    ((execution >> SLOT_SHIFT) as usize).checked_sub(1)
}
