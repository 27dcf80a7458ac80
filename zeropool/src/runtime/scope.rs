#![allow(unsafe_code)] // Fences: the promise that what a scope's tasks borrow outlives them.
//! Borrowed tasks, and the wait at the end of their scope.
//!
//! Two kinds of tasks belong to a scope. What its owner, the thread that opened it, spawns at the desk it has for the whole of the
//! scope is *at home*: it lies on the deque of that desk and nowhere else, and the scope's end finds it there
//! (`Waiter::run_from_home`). No exchange is needed but the fence of the post, the handle's leaving, and the pop. What other
//! threads spawn lies in whatever queue they use and, so that the owner finds it, in the scope's list too; so does everything if
//! the owner has found no desk, and what was at home and had to make room.

mod end;

use super::current;
use super::lanes::Caller;
use super::options::SpawnOptions;
use super::placement::Posted;
use super::registry::Registry;
use super::worker::Worker;
use crate::panic::{self, Bomb};
use crate::sync::Parker;
use crate::task::block::{Group, TaskRef};
use crate::task::group::ScopeGroup;
use crate::task::slot::{IntoSlot, Slot};
use crate::task::{Handle, Priority, Task};
use end::Floor;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

/// A region of code in which tasks may borrow: they all end before it does.
///
/// Made by [`Pool::scope`](crate::Pool::scope) and [`zp::scope`](crate::scope()). The lifetimes are those of
/// [`std::thread::scope`]: `'scope` is the life of the scope itself, `'env` that of what its tasks may borrow.
///
/// # Examples
///
/// Tasks may spawn further ones. A task function takes the scope as `&'scope Scope<'scope, '_>`: the first two lifetimes are the same,
/// the last is left open. Closures take no argument: they capture `s`.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
///
/// #[zp::task]
/// fn walk<'scope>(s: &'scope zp::Scope<'scope, '_>, depth: u32, visited: &'scope AtomicU32) {
///     visited.fetch_add(1, Relaxed);
///     if depth > 0 {
///         s.spawn(walk { s, depth: depth - 1, visited });
///         s.spawn(walk { s, depth: depth - 1, visited });
///     }
/// }
///
/// let visited = AtomicU32::new(0);
/// zp::scope(|s| {
///     s.spawn(walk { s, depth: 3, visited: &visited });
///     s.spawn(|| {
///         s.spawn(|| visited.fetch_add(1, Relaxed));
///     });
/// });
/// assert_eq!(visited.into_inner(), 16);
/// ```
pub struct Scope<'scope, 'env: 'scope> {
    group: ScopeGroup,
    registry: Arc<Registry>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'scope> Scope<'scope, '_> {
    /// Spawns a task: a closure, or the parameter struct of a `#[zp::task]` function, `s.spawn(f { x })` or
    /// `s.spawn(f::new(x))`. (`f(x)` is the plain call: its value is no task. Batches, as `zp::map` makes them, go to
    /// [`Scope::spawn_batch`].)
    ///
    /// The task may run on any thread of the pool, from now until the scope ends. Costs a block from the pool's free list;
    /// allocates only while more tasks are pending than ever before, or if the task is larger than all before. May wake
    /// one sleeping worker, never blocks. An empty task costs some 40 ns in all if the thread that opened the scope spawns it, drops
    /// the handle, and runs it in the end.
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
        // Urgent tasks, and those that can wait, have lanes of their own; after a fork there is nobody to find a task on a deque.
        if T::PRIORITY == Priority::Normal && self.registry.origin.is_ordinary() {
            return current::with(|place| {
                match place.and_then(|place| place.worker_of(&self.registry)) {
                    Some(worker) if self.group.is_home(worker.index()) => {
                        self.spawn_at_home(worker, task)
                    }
                    _ => self.spawn_elsewhere(task),
                }
            });
        }
        self.spawn_elsewhere(task)
    }

    /// By the owner: the task goes on its deque, where the scope's end will look for it.
    #[inline(always)]
    fn spawn_at_home<T>(&'scope self, worker: Worker<'_>, task: T) -> Handle<'scope, T::Output>
    where
        T: Task + 'scope,
        T::Output: 'scope,
    {
        self.group.counts.spawned_by_owner();
        // SAFETY: as in `spawn_by`, without a list entry.
        let [queued, held] = unsafe {
            TaskRef::new_at_home(
                task,
                Group::Scope(NonNull::from(&self.group)),
                &self.registry.blocks,
                &worker.desk.blocks,
            )
        };
        worker.slot().counters.spawned.bump();
        worker.desk.spawns.push_newest(queued);
        self.registry.posted();
        if worker.desk.count_spawn() {
            self.registry.sweep_own_deque(worker.desk);
        }
        // SAFETY: 1. `held` was made for the handle of a task with this output.
        unsafe { Handle::new(held, &self.group, &self.registry) }
    }

    /// By a task of the scope on another thread, or by an owner without a desk; or not of normal priority.
    fn spawn_elsewhere<T>(&'scope self, task: T) -> Handle<'scope, T::Output>
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
        let [queued, listed, held] = self.registry.spawn_from(|cache| unsafe {
            TaskRef::new(
                task,
                Group::Scope(NonNull::from(&self.group)),
                &self.registry.blocks,
                cache,
            )
        });
        // A task that a full queue refuses is left to the scope's caller, so nobody need be told; it is spawned all the same.
        let posted = queue(&self.registry, queued).unwrap_or(Posted::Anywhere);
        if is_listed {
            if self.group.should_sweep() {
                // Others see the list shorter than it is meanwhile; but the scope's end depends on this thread, whose task is pending or
                // which is the owner.
                self.group.unclaimed.retain(|task| !task.is_claimed());
            }
            self.group.unclaimed.push(listed);
        }
        // As `ScopeCounts::posted` demands.
        self.registry.tell_fenced(posted);
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
    registry.with_body_desk(|home| {
        let scope = Scope {
            group: ScopeGroup::new(Parker::of_this_thread(), home.map(|worker| worker.index())),
            registry: Arc::clone(registry),
            scope: PhantomData,
            env: PhantomData,
        };
        let floor = home.map(Floor::raise);
        // The scope lies in this frame, and its tasks point to it.
        let bomb = Bomb("a scope's tasks are running");
        let result = panic::catch(|| body(&scope));
        scope.wait_all(floor.as_ref().map_or(0, Floor::mark));
        bomb.defuse();
        drop(floor);
        let uncollected = scope.group.take_panic();
        #[cfg(zeropool_broken = "scope_keeps_panic")]
        let uncollected = uncollected.and_then(|payload| panic::drop_caught(payload).err());
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
    })
}

#[cfg(test)]
mod tests;
