#![allow(unsafe_code)] // Fences: the conversion of counted task references to queue items and back.
//! The queues of `queue/`, typed for tasks: what goes in is a counted reference, and so is what comes out.

use super::block::{Header, TaskRef};
use crate::queue::{
    Item,
    deque::{self, Steal},
    injector::Injector,
};
use std::ptr::NonNull;

fn to_item(task: TaskRef) -> Item {
    Item {
        ptr: task.into_raw().as_ptr().cast(),
        tag: 0,
    }
}

/// # Safety
/// 1. `item` came from [`to_item`], and its queue hands it out once.
unsafe fn from_item(item: Item) -> TaskRef {
    // SAFETY: `to_item` stored a non-null pointer.
    let header = unsafe { NonNull::new_unchecked(item.ptr.cast::<Header>()) };
    // SAFETY: 1 is the caller's.
    unsafe { TaskRef::from_raw(header) }
}

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

    pub(crate) fn push_newest(&self, task: TaskRef) {
        self.0.push_newest(to_item(task));
    }

    pub(crate) fn pop_newest(&self) -> Option<TaskRef> {
        // SAFETY: 1. only `push_newest` fills this deque, which hands out each item once.
        self.0.pop_newest().map(|item| unsafe { from_item(item) })
    }
}

impl SpawnStealer {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The oldest task, if there is one.
    pub(crate) fn steal_oldest(&self) -> Option<TaskRef> {
        loop {
            match self.0.steal_oldest() {
                Steal::Empty => return None,
                Steal::Retry => crate::sync::spin_loop(),
                // SAFETY: 1. only `push_newest` fills this deque, which hands out each item once.
                Steal::Taken(item) => return Some(unsafe { from_item(item) }),
            }
        }
    }
}

/// The queue for work from outside the pool's threads.
#[derive(Debug)]
pub(crate) struct TaskInjector(Injector);

impl TaskInjector {
    pub(crate) fn new() -> Self {
        Self(Injector::new())
    }

    pub(crate) fn push(&self, task: TaskRef) {
        self.0.push(to_item(task));
    }

    pub(crate) fn pop(&self) -> Option<TaskRef> {
        // SAFETY: 1. only `push` fills this queue, which hands out each item once.
        self.0.pop().map(|item| unsafe { from_item(item) })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
