#![allow(unsafe_code)] // Fences: the promise that what a scope's tasks borrow outlives them.
//! Borrowed tasks, and the wait at the end of their scope.

use super::current;
use super::lanes::Caller;
use super::options::SpawnOptions;
use super::owner::Owner;
use super::placement::Posted;
use super::registry::Registry;
use super::worker::{Linger, Worker};
use crate::panic::{self, Bomb};
use crate::sync::Parker;
use crate::task::block::{Group, TaskRef};
use crate::task::group::ScopeGroup;
use crate::task::slot::{IntoSlot, Slot};
use crate::task::{Handle, Task};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

/// A region of code in which tasks may borrow: they all end before it does.
///
/// Made by [`Pool::scope`](crate::Pool::scope) and [`zp::scope`](crate::scope()). The lifetimes are those of
/// [`std::thread::scope`]: `'scope` is the life of the scope itself, `'env` that of what its tasks may borrow. To spawn
/// from inside a task, pass `s: &'scope Scope<'scope, 'env>` on to it.
pub struct Scope<'scope, 'env: 'scope> {
    group: ScopeGroup,
    registry: Arc<Registry>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'scope> Scope<'scope, '_> {
    /// Spawns a task: a closure, or the parameter struct of a `#[zp::task]` function, `s.spawn(f { x })` or
    /// `s.spawn(f::new(x))`. (`f(x)` is the plain call: its value is no task.)
    ///
    /// The task may run on any thread of the pool, from now until the scope ends. Costs a block from the pool's free list;
    /// allocates only while more tasks are pending than ever before, or if the task is larger than all before. May wake
    /// one sleeping worker, never blocks.
    ///
    /// A closure that passes on a captured `&mut` reference may need it rebound inside, `move || { let out = out; … }`:
    /// the compiler cannot see through [`Task`] that it is called only once.
    ///
    /// # Examples
    ///
    /// ```
    /// #[zp::task]
    /// fn count(text: &str, letter: char) -> usize {
    ///     text.chars().filter(|&c| c == letter).count()
    /// }
    ///
    /// let text = String::from("mississippi");
    /// let (s_count, i_count) = zp::scope(|s| {
    ///     let s_count = s.spawn(count { text: &text, letter: 's' });
    ///     let i_count = s.spawn(|| count(&text, 'i'));
    ///     (s_count.join(), i_count.join())
    /// });
    /// assert_eq!((s_count, i_count), (4, 4));
    /// ```
    pub fn spawn<T>(&'scope self, task: T) -> Handle<'scope, T::Output>
    where
        T: Task + 'scope,
        T::Output: 'scope,
    {
        self.spawn_by(task, true, |registry, task| {
            registry.queue_as(T::PRIORITY, task)
        })
    }

    /// As [`Scope::spawn`], with a priority and hints of the caller's.
    ///
    /// # Examples
    ///
    /// ```
    /// use zp::{Priority, SpawnOptions};
    ///
    /// let later = SpawnOptions::new().priority(Priority::Low);
    /// let (page, index) = zp::scope(|s| {
    ///     let index = s.spawn_with(|| "index", later);
    ///     let page = s.spawn(|| "page");
    ///     (page.join(), index.join())
    /// });
    /// assert_eq!((page, index), ("page", "index"));
    /// ```
    pub fn spawn_with<T>(&'scope self, task: T, options: SpawnOptions) -> Handle<'scope, T::Output>
    where
        T: Task + 'scope,
        T::Output: 'scope,
    {
        self.spawn_by(task, true, |registry, task| {
            registry.queue_with(options, T::PRIORITY, task)
        })
    }

    /// Spawns a share of a broadcast, which only this worker runs, not the caller at the end of the scope.
    pub(super) fn spawn_call<T>(&'scope self, worker: usize, caller: Caller, share: T)
    where
        T: Task + 'scope,
        T::Output: 'scope,
    {
        // Without workers it is left to the caller, if another task is just being run.
        let is_listed = !self.registry.origin.is_ordinary();
        drop(self.spawn_by(share, is_listed, |registry, task| {
            Ok(registry.queue_call(worker, caller, task))
        }));
    }

    /// Spawns a task which `queue` queues. If it is listed, the scope's caller may run it at the end.
    #[inline]
    fn spawn_by<T>(
        &'scope self,
        task: T,
        is_listed: bool,
        queue: impl FnOnce(&Arc<Registry>, TaskRef) -> Result<Posted, TaskRef>,
    ) -> Handle<'scope, T::Output>
    where
        T: Task + 'scope,
        T::Output: 'scope,
    {
        self.group.counts.spawned();
        // SAFETY: 1. the registry owns the allocator; queue entries lie in the registry, list entries in this scope and
        // handles within 'scope, which both keep it alive. 2. counted above; the scope waits until no task is
        // pending. 3. the task and its output outlive 'scope, which ends after that wait; an outcome is dropped
        // by the executor before it counts the task as ended, or by the handle, which lives within 'scope.
        let [queued, listed, held] = unsafe {
            TaskRef::new(
                task,
                Group::Scope(NonNull::from(&self.group)),
                &self.registry.blocks,
            )
        };
        // A task that a full queue refuses is left to the scope's caller, so nobody need be told.
        let posted = queue(&self.registry, queued).unwrap_or(Posted::Anywhere);
        if is_listed {
            if self.group.should_sweep() {
                self.group.unclaimed.sweep();
            }
            self.group.unclaimed.push(listed);
        }
        // Fences, as `ScopeCounts::posted` demands.
        self.registry.tell(posted);
        self.group.counts.posted();
        // SAFETY: 1. `held` was made for the handle of a task with this output.
        unsafe { Handle::new(held, &self.group, &self.registry) }
    }

    /// Spawns a task whose result goes straight into the caller's memory.
    ///
    /// `slot` is `&mut T`, `&mut Option<T>`, `&mut MaybeUninit<T>` or [`zp::Out`](crate::Out); see [`Slot`]. A task that
    /// panics or is cancelled leaves it untouched. Costs what [`Scope::spawn`] costs.
    ///
    /// # Examples
    ///
    /// ```
    /// let words = ["one", "three", "five"];
    /// let mut lengths = [0; 3];
    /// zp::scope(|s| {
    ///     for (word, length) in words.iter().zip(&mut lengths) {
    ///         s.spawn_into(move || word.len(), length);
    ///     }
    /// });
    /// assert_eq!(lengths, [3, 5, 4]);
    /// ```
    pub fn spawn_into<T, S>(&'scope self, task: T, slot: S) -> Handle<'scope, S::Written>
    where
        T: Task + 'scope,
        S: Slot<T::Output> + 'scope,
        S::Written: 'scope,
    {
        self.spawn(IntoSlot { task, slot })
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// The end of the scope: runs and awaits what is left.
    fn wait_all(&self) {
        // In the child of a fork, what is pending is the parent's, and nobody here will run it.
        if self.group.counts.load().is_over() || self.registry.is_forked() {
            return;
        }
        self.registry.with_desk(|worker| {
            Waiter {
                group: &self.group,
                registry: &self.registry,
                worker,
                seat: Cell::new(false),
            }
            .wait();
        });
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("pending", &self.group.counts.load().pending())
            .finish_non_exhaustive()
    }
}

/// Runs `body` with a scope in `registry`, and returns when all its tasks have ended.
pub(super) fn scope<'env, F, R>(registry: &Arc<Registry>, body: F) -> R
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
{
    let scope = Scope {
        group: ScopeGroup::new(Parker::of_this_thread()),
        registry: Arc::clone(registry),
        scope: PhantomData,
        env: PhantomData,
    };
    // The scope lies in this frame, and its tasks point to it.
    let bomb = Bomb("a scope's tasks are running");
    let result = panic::catch(|| current::install(registry, || body(&scope)));
    scope.wait_all();
    bomb.defuse();
    let uncollected = scope.group.take_panic();
    match (result, uncollected) {
        (Ok(value), None) => value,
        (Ok(value), Some(payload)) => {
            if let Err(second) = panic::drop_caught(value) {
                panic::discard(second);
            }
            std::panic::resume_unwind(payload)
        }
        (Err(payload), uncollected) => {
            if let Some(second) = uncollected {
                panic::discard(second);
            }
            std::panic::resume_unwind(payload)
        }
    }
}

/// The scope's caller, waiting.
struct Waiter<'a> {
    group: &'a ScopeGroup,
    registry: &'a Arc<Registry>,
    /// `None` if every guest desk is taken.
    worker: Option<Worker<'a>>,
    /// The seat of a caller without a desk.
    seat: Cell<bool>,
}

impl Waiter<'_> {
    fn take_seat(&self) -> bool {
        match self.worker {
            Some(worker) => worker.take_seat(),
            None => {
                if !self.seat.get() {
                    self.seat.set(self.registry.sleep.try_seat());
                }
                self.seat.get()
            }
        }
    }

    fn wait(&self) {
        let owner = Owner {
            sleep: &self.registry.sleep,
            counts: &self.group.counts,
            slot: self.worker.map(|worker| worker.index()),
        };
        let mut linger = Linger::new();
        // Tasks taken out of the scope's list and not looked at yet.
        let mut mine = self.group.unclaimed.take_all();
        while !self.group.counts.load().is_over() && !self.registry.is_forked() {
            // One of the tasks may be making a broadcast; see `wait.rs`.
            if self.worker.is_some_and(|worker| worker.answer_call()) {
                linger = Linger::new();
                continue;
            }
            if owner.may_work(|| self.take_seat()) {
                let next = mine.next().or_else(|| {
                    mine = self.group.unclaimed.take_all();
                    mine.next()
                });
                if let Some(task) = next {
                    if self.registry.run_here(self.worker, &task) {
                        linger = Linger::new();
                    }
                    continue;
                }
            }
            if !linger.again() {
                // Put back what could not be run for want of a seat, so that the look before sleeping sees one list.
                for task in mine.by_ref() {
                    self.group.unclaimed.push(task);
                }
                self.give_seat_back();
                owner.sleep(
                    || !self.group.unclaimed.is_empty(),
                    || self.take_seat(),
                    || current::park(self.group.counts.owner(), None),
                );
            }
        }
    }

    fn give_seat_back(&self) {
        if self.seat.replace(false) {
            self.registry.sleep.release_seat(&**self.registry);
        }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.give_seat_back();
    }
}
