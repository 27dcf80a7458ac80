#![allow(unsafe_code)] // Fences: the conversion of counted task references to queue items and back.
//! The queues of `queue/`, typed for tasks: what goes in is a counted reference, and so is what comes out.

use super::block::{Header, TaskRef};
use crate::queue::{
    Item,
    deque::{self, Steal},
    global::{Global, Kind},
    room::Room,
    segments::Segments,
    stack::Stack,
    sweeping::Sweeping,
};
use crate::sync::{AtomicBool, Ordering::Relaxed, Parker};
use std::ptr::NonNull;

#[inline(always)]
fn to_item(task: TaskRef) -> Item {
    let item = item_of(&task);
    task.into_raw();
    item
}

/// The tag of items whose task is not at home.
const ABROAD: u64 = 0;
const AT_HOME: u64 = 1;

/// What stands for the task in a queue.
#[inline(always)]
fn item_of(task: &TaskRef) -> Item {
    Item {
        ptr: task.as_raw().as_ptr().cast(),
        tag: if task.is_at_home() { AT_HOME } else { ABROAD },
    }
}

/// # Safety
/// 1. `item` came from [`to_item`], and its queue hands it out once.
unsafe fn from_item(item: Item) -> TaskRef {
    // SAFETY: 1. it came from a task, and is the caller's alone.
    unsafe { from_pointer(item.ptr) }
}

/// For the queues that carry no more. Even, as blocks are aligned.
#[inline(always)]
fn to_pointer(task: TaskRef) -> *mut () {
    task.into_raw().as_ptr().cast()
}

/// # Safety
/// 1. `pointer` came from [`to_pointer`] or [`to_item`], and its queue hands it out once.
#[inline(always)]
unsafe fn from_pointer(pointer: *mut ()) -> TaskRef {
    // SAFETY: a task's pointer is not null.
    let header = unsafe { NonNull::new_unchecked(pointer.cast::<Header>()) };
    // SAFETY: 1 is the caller's.
    unsafe { TaskRef::from_raw(header) }
}

/// A scope's list of the tasks that nobody has been seen to claim, save those on its home deque.
pub(crate) type TaskList = Stack<TaskRef>;

/// The owner's end of a worker's deque of spawned tasks.
#[derive(Debug)]
pub(crate) struct Spawns(deque::Owner);

/// The other workers' end.
#[derive(Debug)]
pub(crate) struct SpawnStealer(deque::Stealer);

impl Spawns {
    pub(crate) fn new() -> (Self, SpawnStealer) {
        let (owner, stealer) = deque::deque(64);
        (Self(owner), SpawnStealer(stealer))
    }

    #[inline]
    pub(crate) fn push_newest(&self, task: TaskRef) {
        self.0.push_newest(to_item(task));
    }

    pub(crate) fn pop_newest(&self) -> Option<TaskRef> {
        // SAFETY: 1. only `push_newest` fills this deque, which hands out each item once.
        self.0.pop_newest().map(|item| unsafe { from_item(item) })
    }

    /// Where the next task will lie: all that lie there and above are pushed from now on, as long as nothing below is popped.
    pub(crate) fn mark(&self) -> u64 {
        self.0.next()
    }

    /// The newest task, if it lies at `mark` or above.
    #[inline]
    pub(crate) fn pop_newest_above(&self, mark: u64) -> Option<TaskRef> {
        (self.0.next() > mark).then(|| self.pop_newest()).flatten()
    }

    /// Takes the entry of `task` back if it is the newest, and lies at `mark` or above.
    pub(crate) fn take_back(&self, task: &TaskRef, mark: u64) -> Option<TaskRef> {
        let is_newest = self.0.next() > mark && self.0.is_newest(item_of(task));
        is_newest.then(|| self.pop_newest()).flatten()
    }

    /// Does any task lie at `mark` or above?
    pub(crate) fn has_above(&self, mark: u64) -> bool {
        self.0.next() > mark && self.0.len() > 0
    }
}

impl SpawnStealer {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The index that the owner's next task will have, roughly: it moves when the owner pushes or pops.
    pub(crate) fn next(&self) -> u64 {
        self.0.next()
    }

    /// The oldest task, if there is one.
    pub(crate) fn steal_oldest(&self) -> Option<TaskRef> {
        Self::steal(|| self.0.steal_oldest())
    }

    /// The oldest task, unless it is at home: whoever takes such a task runs it, and does nothing else with it, for the owner of its
    /// scope would not find it any more.
    pub(crate) fn steal_oldest_abroad(&self) -> Option<TaskRef> {
        Self::steal(|| self.0.steal_oldest_tagged(ABROAD))
    }

    fn steal(attempt: impl Fn() -> Steal) -> Option<TaskRef> {
        loop {
            match attempt() {
                Steal::Empty => return None,
                Steal::Retry => crate::sync::spin_loop(),
                // SAFETY: 1. only `push_newest` fills this deque, which hands out each item once.
                Steal::Taken(item) => return Some(unsafe { from_item(item) }),
            }
        }
    }
}

/// A queue for tasks that are on nobody's deque: work from outside the pool's threads, or all of it.
#[derive(Debug)]
pub(crate) struct TaskInjector {
    queue: Global,
    /// If the queue has one.
    bound: Option<Box<Bound>>,
}

/// What goes with a queue that can be full.
#[derive(Debug)]
struct Bound {
    /// Tasks that the pool had accepted already when they found the queue full.
    beyond: Segments,
    /// Whose turn it is if both have tasks: that of `beyond`, or of the queue itself. Neither holds what is older in general: `beyond` fills
    /// while the queue is full, and the queue while there is still something in `beyond`.
    turn_of_beyond: AtomicBool,
    /// If submitters wait for room.
    room: Option<Room>,
    /// Who takes the entries of claimed tasks out.
    sweeping: Sweeping,
}

impl TaskInjector {
    pub(crate) fn new() -> Self {
        let kind = Kind {
            capacity: None,
            locked: false,
        };
        Self::with_kind(kind, false)
    }

    /// `waits`: submitters may wait for room with [`TaskInjector::push_when_room`].
    pub(crate) fn with_kind(kind: Kind, waits: bool) -> Self {
        let bound = || {
            Box::new(Bound {
                beyond: Segments::new(),
                turn_of_beyond: AtomicBool::new(false),
                room: waits.then(Room::new),
                sweeping: Sweeping::new(),
            })
        };
        Self {
            queue: Global::new(kind),
            bound: kind.capacity.map(|_| bound()),
        }
    }

    /// For a task that the pool has accepted already: never refused.
    pub(crate) fn push(&self, task: TaskRef) {
        if let Err(task) = self.try_push(task)
            && let Some(bound) = &self.bound
        {
            bound.beyond.push(to_pointer(task));
        }
    }

    /// Gives the task back if the queue is full. Without a bound it never is.
    #[inline]
    pub(crate) fn try_push(&self, task: TaskRef) -> Result<(), TaskRef> {
        self.queue
            .push(to_pointer(task))
            // SAFETY: 1. made by `to_pointer` just now, and not in the queue.
            .map_err(|pointer| unsafe { from_pointer(pointer) })
    }

    /// Sleeps, by calling `park`, until there is room for the task. Before it sleeps it calls `make_room`. Gives the task back
    /// if `gives_up` says so, or if the queue is not one to wait for.
    pub(crate) fn push_when_room(
        &self,
        task: TaskRef,
        park: impl Fn(&'static Parker),
        make_room: impl Fn(),
        gives_up: impl Fn() -> bool,
    ) -> Result<(), TaskRef> {
        let Some(room) = self.room() else {
            return Err(task);
        };
        let parker = Parker::of_this_thread();
        let mut waiting = Some(task);
        let attempt = || {
            make_room();
            match self.try_push(waiting.take()?) {
                Ok(()) => Some(Ok(())),
                Err(task) if gives_up() => Some(Err(task)),
                Err(task) => {
                    waiting = Some(task);
                    None
                }
            }
        };
        room.wait(parker, || park(parker), attempt)
    }

    fn room(&self) -> Option<&Room> {
        self.bound.as_ref()?.room.as_ref()
    }

    /// Wakes who has waited longest for room, to look again. The caller has a `SeqCst` fence before.
    pub(crate) fn wake_first(&self) {
        if let Some(room) = self.room() {
            room.wake_first();
        }
    }

    /// Wakes everybody who waits for room, because they may have to give up. The caller has a `SeqCst` fence before.
    pub(crate) fn wake_all(&self) {
        if let Some(room) = self.room() {
            room.wake_all();
        }
    }

    #[inline]
    pub(crate) fn pop(&self) -> Option<TaskRef> {
        if let Some(bound) = &self.bound {
            return self.pop_bounded(bound);
        }
        self.pop_queue()
    }

    #[inline(always)]
    fn pop_queue(&self) -> Option<TaskRef> {
        let popped = self.queue.pop();
        // SAFETY: 1. only tasks are pushed to this queue, which hands out each item once.
        popped.map(|pointer| unsafe { from_pointer(pointer) })
    }

    /// By turns, so that neither waits for ever while the other one is filled again and again.
    fn pop_bounded(&self, bound: &Bound) -> Option<TaskRef> {
        if bound.beyond.is_empty() {
            return self.pop_in_bound(bound);
        }
        // Ordering: Relaxed; it only chooses. Whoever comes next has the other turn.
        if bound.turn_of_beyond.fetch_xor(true, Relaxed) {
            Self::pop_beyond(bound).or_else(|| self.pop_in_bound(bound))
        } else {
            self.pop_in_bound(bound).or_else(|| Self::pop_beyond(bound))
        }
    }

    fn pop_in_bound(&self, bound: &Bound) -> Option<TaskRef> {
        let task = self.pop_queue()?;
        if let Some(room) = &bound.room {
            room.freed();
        }
        Some(task)
    }

    fn pop_beyond(bound: &Bound) -> Option<TaskRef> {
        let popped = bound.beyond.pop();
        // SAFETY: 1. only tasks are pushed to this queue, which hands out each item once.
        popped.map(|pointer| unsafe { from_pointer(pointer) })
    }

    /// Takes the entries of claimed tasks out and returns how many; 0 if another thread is sweeping, which then looks again. The
    /// others keep their order unless somebody pushes, pops or sweeps meanwhile, and the queue looks shorter than it is meanwhile.
    pub(crate) fn sweep(&self) -> usize {
        let Some(bound) = &self.bound else {
            return self.sweep_queue(|| {});
        };
        let freed = || {
            if let Some(room) = &bound.room {
                room.freed();
            }
        };
        // One thread at a time pushes back. What lies beyond takes up no room.
        bound
            .sweeping
            .sweep(|| self.sweep_queue(freed) + Self::sweep_beyond(bound))
    }

    fn sweep_queue(&self, freed: impl Fn()) -> usize {
        let push_back = |task| self.queue.push_back(to_pointer(task));
        Self::rotate(self.queue.len(), || self.pop_queue(), push_back, freed)
    }

    fn sweep_beyond(bound: &Bound) -> usize {
        let push_back = |task| bound.beyond.push(to_pointer(task));
        let pop = || Self::pop_beyond(bound);
        Self::rotate(bound.beyond.len(), pop, push_back, || {})
    }

    /// Oldest first, and back at the other end. No more rounds than there are entries now, `len`: what others push and pop meanwhile
    /// does not count.
    fn rotate(
        len: usize,
        pop: impl Fn() -> Option<TaskRef>,
        push_back: impl Fn(TaskRef),
        freed: impl Fn(),
    ) -> usize {
        let mut swept = 0;
        for task in (0..len).map_while(|_| pop()) {
            if task.is_claimed() {
                swept += 1;
                freed();
            } else {
                push_back(task);
            }
        }
        swept
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
            && self
                .bound
                .as_ref()
                .is_none_or(|bound| bound.beyond.is_empty())
    }

    /// As [`TaskInjector::is_empty`], and if so, and [pushes are exchanges](TaskInjector::pushes_by_exchange), whoever pushes next sees
    /// everything that the caller did before.
    pub(crate) fn is_empty_for_sleeper(&self) -> bool {
        match &self.queue {
            Global::Unbounded(queue) => queue.is_empty_for_sleeper(),
            Global::Bounded(_) | Global::Locked(_) => self.is_empty(),
        }
    }

    /// Does whoever pushes see what a thread did that has found the queue empty before, without a fence?
    #[inline]
    pub(crate) fn pushes_by_exchange(&self) -> bool {
        matches!(self.queue, Global::Unbounded(_))
    }

    pub(crate) fn len(&self) -> usize {
        let beyond = self.bound.as_ref().map_or(0, |bound| bound.beyond.len());
        self.queue.len() + beyond
    }
}
