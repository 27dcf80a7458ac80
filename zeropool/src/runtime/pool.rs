#![allow(unsafe_code)] // Fences: the promise that an owned task borrows nothing and its pool outlives it.
//! [`Pool`]: build, install, spawn, shut down.

use super::broadcast::broadcast;
use super::config::Builder;
use super::current;
use super::options::SpawnOptions;
use super::placement::Posted;
use super::registry::Registry;
use super::scope::{self, Scope};
use super::stats::Stats;
use super::submit::TrySpawnError;
use crate::build_error::BuildError;
use crate::task::block::{Group, TaskRef};
use crate::task::{JoinHandle, Task};
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

/// A pool of worker threads.
///
/// A handle: cloning it is cheap and names the same pool. When the last handle is dropped, the pool shuts down as by
/// [`Pool::shutdown`]: the drop blocks until all accepted tasks have run.
///
/// # After a fork
///
/// The child of a `fork` has the pool, but none of its threads. In the child, owned tasks and those of scopes run on the thread that spawns
/// them, at once, before `spawn` returns (tasks spawned inside a task run after it); joins run one arm after the other. Nothing
/// waits for a thread that is not there.
///
/// What was pending when the process forked stays with the parent: the child neither runs nor drops it, its handles say
/// [`TaskError::Cancelled`](crate::TaskError::Cancelled), and a scope that was open ends without it. The child of a fork inside a task
/// should end inside it, too: a worker thread has nothing to go back to. A join panics in the child if another
/// thread was running its second arm. A pool built in the child is an ordinary one.
///
/// There are two limits. If another thread is just then in the first call of [`zp::global`](crate::global), the child's first call hangs. And the memory
/// that the parent's threads held is not used again.
///
/// # Examples
///
/// ```
/// let pool = zp::Pool::builder().workers(2).build()?;
/// let (a, b) = ([1, 2, 3], [4, 5, 6]);
/// let mut sum_b = 0;
/// let sum_a = pool.scope(|s| {
///     s.spawn_into(|| b.iter().sum::<i32>(), &mut sum_b);
///     s.spawn(|| a.iter().sum::<i32>()).join()
/// });
/// assert_eq!((sum_a, sum_b), (6, 15));
/// # Ok::<(), zp::BuildError>(())
/// ```
pub struct Pool {
    registry: Arc<Registry>,
}

impl Pool {
    /// A pool with as many workers as the system offers parallelism to this process. Starts their threads, and allocates what they
    /// need.
    ///
    /// # Errors
    /// [`BuildError::Thread`] if the operating system refuses to start a thread.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Starts the configuration of a pool.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// For a registry that counts this handle already.
    pub(super) fn from_registry(registry: Arc<Registry>) -> Self {
        Self { registry }
    }

    /// A further handle.
    pub(crate) fn of(registry: &Arc<Registry>) -> Self {
        registry.add_handle();
        Self {
            registry: Arc::clone(registry),
        }
    }

    /// The pool's registry in this process.
    #[inline]
    pub(super) fn registry(&self) -> &Arc<Registry> {
        self.registry.here()
    }

    /// The parallelism: how many threads work for this pool when one caller uses it, the caller included. (Callers from outside
    /// that no worker serves run their own work rather than wait.)
    #[must_use]
    pub fn workers(&self) -> usize {
        self.registry.workers
    }

    /// The buffer pool from which `#[buf]` parameters are lent.
    ///
    /// # Examples
    ///
    /// ```
    /// #[zp::task]
    /// fn fill(#[buf(1000)] scratch: &mut [u8]) {
    ///     scratch.fill(1);
    /// }
    ///
    /// let pool = zp::Pool::builder().workers(1).build()?;
    /// pool.scope(|s| s.spawn(fill::new()).join());
    /// assert_eq!(pool.buffers().stats().bytes_in_flight(), 0); // it is back
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    #[must_use]
    pub fn buffers(&self) -> &crate::BufferPool {
        self.registry.buffers()
    }

    /// What the pool's threads have done so far. Reads counters that each thread keeps for itself; costs them nothing. Allocates a
    /// vector. [`Stats`] has an example.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.registry().stats()
    }

    /// Runs `f` on the calling thread with this pool as the current one: `zp::join!`, [`zp::scope`](crate::scope()) and
    /// [`zp::spawn`](crate::spawn) inside it use this pool. Costs a few stores; never blocks, allocates or wakes.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::Pool::builder().workers(2).build()?;
    /// let (a, b) = pool.install(|| zp::join!(1 + 1, 2 + 2));
    /// assert_eq!((a, b), (2, 4));
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn install<R>(&self, f: impl FnOnce() -> R) -> R {
        current::install(self.registry(), f)
    }

    /// Runs `body` with a [`Scope`] in which tasks may borrow from outside, and returns its value when all of them
    /// have ended.
    ///
    /// `body` runs on the calling thread. At the end the caller runs what nobody has begun, and sleeps while others run
    /// the rest. Works after [`Pool::shutdown`] too: the caller then runs all tasks.
    ///
    /// Blocks until all tasks have ended. The scope itself lies on the stack: it allocates nothing. What tasks cost,
    /// [`Scope::spawn`] says.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::Pool::builder().workers(2).build()?;
    /// let mut words = vec!["pear", "fig"];
    /// let longest = pool.scope(|s| {
    ///     let longest = s.spawn(|| words.iter().map(|word| word.len()).max());
    ///     longest.join()
    /// });
    /// words.push("apple"); // nobody borrows them any more
    /// assert_eq!((longest, words.len()), (Some(4), 3));
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Resumes a panic of `body`, or else the first panic of a task that no handle has collected, after all tasks have
    /// ended.
    pub fn scope<'env, F, R>(&self, body: F) -> R
    where
        F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
    {
        scope::scope(self.registry(), body)
    }

    /// Spawns an owned task. A thread that waits for the handle may run the task itself, if no worker has begun it.
    ///
    /// Never blocks, unless the pool has a [bounded queue](crate::Builder::queue_capacity) that says so. After
    /// [`Pool::shutdown`], and if a full queue refuses the task, the task is dropped and the handle says
    /// [`TaskError::Rejected`](crate::TaskError::Rejected).
    ///
    /// Costs a block from the pool's free list; allocates only while more tasks are pending than ever before, or if the task is larger
    /// than all before. May wake one sleeping worker.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::Pool::builder().workers(1).build()?;
    /// let length = pool.spawn(|| "hello".len());
    /// assert_eq!(length.wait().ok(), Some(5));
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn spawn<T>(&self, task: T) -> JoinHandle<T::Output>
    where
        T: Task + 'static,
        T::Output: 'static,
    {
        spawn_in(self.registry(), task)
    }

    /// As [`Pool::spawn`], but gives the task back if the pool does not take it: its
    /// [bounded queue](crate::Builder::queue_capacity) is full, whatever is to be done then, or it has been shut down. Never blocks, and
    /// never runs the task here. Costs what [`Pool::spawn`] costs.
    ///
    /// # Errors
    /// [`TrySpawnError::Full`] or [`TrySpawnError::Closed`], with the task.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::Pool::builder().workers(1).queue_capacity(100).build()?;
    /// let answer = match pool.try_spawn(|| 6 * 7) {
    ///     Ok(handle) => handle.wait().ok(),
    ///     // No room: rather do it here.
    ///     Err(refused) => Some(refused.into_inner()()),
    /// };
    /// assert_eq!(answer, Some(42));
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn try_spawn<T>(&self, task: T) -> Result<JoinHandle<T::Output>, TrySpawnError<T>>
    where
        T: Task + 'static,
        T::Output: 'static,
    {
        spawn_by(self.registry(), task, |registry, task| {
            registry.try_queue_as(T::PRIORITY, task)
        })
    }

    /// As [`Pool::spawn`], with a priority and hints of the caller's. Costs the same.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::Pool::builder().workers(2).build()?;
    /// let options = zp::SpawnOptions::new().on_worker(1);
    /// assert_eq!(pool.spawn_with(|| 6 * 7, options).wait().ok(), Some(42));
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn spawn_with<T>(&self, task: T, options: SpawnOptions) -> JoinHandle<T::Output>
    where
        T: Task + 'static,
        T::Output: 'static,
    {
        spawn_by(self.registry(), task, |registry, task| {
            registry.queue_with(options, T::PRIORITY, task)
        })
        .unwrap_or_else(|refused| rejected(self.registry(), refused))
    }

    /// Runs `f` once on every worker thread, with that worker's index, and returns the results in the order of the workers.
    ///
    /// For what belongs to a thread: to fill or flush its caches, to read what it has counted. Blocks until every worker has run its
    /// share, which it does when it has ended the task it is at, or at once if it stands back for a caller. A worker that waits in the middle of a task
    /// runs its share there and then if the broadcast was made inside the pool, because what it waits for may be waiting for this. So
    /// inside a task, broadcast nothing that takes a lock which another task holds while it waits. If the calling thread is a worker of
    /// the pool, it runs its own share itself. Broadcasts may be nested, and made by several threads at once. Allocates the result.
    ///
    /// In the child of a fork, where the workers are gone, the calling thread runs all shares.
    ///
    /// A task must not keep a worker of this pool waiting, through another pool, for a thread that broadcasts here. Waits with a time limit
    /// (`wait_timeout`) answer no broadcast: it waits for them to end.
    ///
    /// # Panics
    ///
    /// 1. Resumes the first panic of `f`, after all shares have ended.
    /// 2. If the pool has been shut down, or is about to be: its workers are gone, or may go before they have seen the call.
    /// 3. In a child that is forked by a share of the broadcast: other shares have ended in the parent only.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::Pool::builder().workers(3).build()?;
    /// let names = pool.broadcast(|index| {
    ///     let name = std::thread::current().name().map(str::to_owned);
    ///     (index, name)
    /// });
    /// assert_eq!(names[2], (2, Some("zp-worker-2".to_owned())));
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    #[track_caller]
    pub fn broadcast<F, R>(&self, f: F) -> Vec<R>
    where
        F: Fn(usize) -> R + Sync,
        R: Send,
    {
        broadcast(self.registry(), &f)
    }

    /// Blocks until no owned task is pending. Tasks spawned meanwhile are waited for too. Runs no tasks itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    ///
    /// static WRITTEN: AtomicU32 = AtomicU32::new(0);
    ///
    /// let pool = zp::Pool::builder().workers(2).build()?;
    /// for _ in 0..10 {
    ///     drop(pool.spawn(|| WRITTEN.fetch_add(1, Relaxed))); // detached
    /// }
    /// pool.wait_idle();
    /// assert_eq!(WRITTEN.load(Relaxed), 10);
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    ///
    /// # Panics
    /// Inside a task of this pool, which would wait for itself.
    #[track_caller]
    pub fn wait_idle(&self) {
        self.assert_outside("wait_idle");
        current::blocking(|| self.registry().owned.wait_idle(None));
    }

    /// As [`Pool::wait_idle`], for at most `limit`; true if no task is pending.
    ///
    /// # Panics
    /// Inside a task of this pool, which would wait for itself.
    #[must_use]
    #[track_caller]
    pub fn wait_idle_timeout(&self, limit: Duration) -> bool {
        self.assert_outside("wait_idle_timeout");
        current::blocking(|| self.registry().owned.wait_idle(Some(limit)))
    }

    #[track_caller]
    fn assert_outside(&self, what: &str) {
        assert!(
            !self.registry().is_here(),
            "`Pool::{what}` was called inside a task of the same pool and would wait for itself; wait for handles instead"
        );
    }

    /// Accepts no further owned tasks, runs the accepted ones to their end, and ends the worker threads.
    ///
    /// Blocks until all that has happened. Every task whose spawn was accepted runs. Other threads may be in scopes and joins of the pool
    /// meanwhile: they finish their work themselves. Called again, it does nothing more. Inside one of the pool's own tasks it does not
    /// wait: the threads drain what was accepted and leave.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::Pool::builder().workers(1).build()?;
    /// let early = pool.spawn(|| 1);
    /// pool.shutdown();
    /// assert!(early.is_complete());
    /// assert!(pool.spawn(|| 2).wait().is_err());
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn shutdown(&self) {
        self.registry().shutdown();
    }

    /// As [`Pool::shutdown`], but owned tasks that have not started are cancelled. Blocks until those that have started have ended.
    ///
    /// Their handles say [`TaskError::Cancelled`](crate::TaskError::Cancelled), and what they captured is dropped, on the calling thread or on
    /// a worker. Those that run are asked to stop ([`Context::is_cancelled`](crate::Context::is_cancelled)) and waited for. The borrowed
    /// tasks of scopes are not touched: their scopes see to them. After [`Pool::shutdown`] has begun, it cancels what is left. Inside one
    /// of the pool's own tasks it does not wait. [`Pool::stats`] says how many tasks were cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// #[zp::task]
    /// fn spin(#[cx] cx: &mut zp::Context<'_>) {
    ///     while !cx.is_cancelled() {
    ///         std::thread::yield_now();
    ///     }
    /// }
    ///
    /// let pool = zp::Pool::builder().workers(1).build()?;
    /// let running = pool.spawn(spin::new());
    /// let waiting = pool.spawn(spin::new());
    /// pool.shutdown_now();
    /// assert!(running.is_complete());
    /// assert!(waiting.wait().unwrap_err().is_cancelled());
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn shutdown_now(&self) {
        self.registry().shutdown_now();
    }
}

// User code is caught wherever the pool runs it, and never while a shared structure is half changed.
impl std::panic::UnwindSafe for Pool {}
impl std::panic::RefUnwindSafe for Pool {}

impl Clone for Pool {
    fn clone(&self) -> Self {
        Self::of(&self.registry)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if self.registry.drop_handle() {
            self.registry().shutdown();
        }
        if self.registry.is_forked() {
            // A handle may rely on the reference of a thread that the fork has lost: see `Kept`.
            std::mem::forget(Arc::clone(&self.registry));
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("workers", &self.workers())
            .finish_non_exhaustive()
    }
}

/// Spawns an owned task in `registry`. If it is refused, the handle says so.
pub(super) fn spawn_in<T>(registry: &Arc<Registry>, task: T) -> JoinHandle<T::Output>
where
    T: Task + 'static,
    T::Output: 'static,
{
    spawn_by(registry, task, |registry, task| {
        registry.queue_as(T::PRIORITY, task)
    })
    .unwrap_or_else(|refused| rejected(registry, refused))
}

/// The handle of a task that was refused.
fn rejected<T, R>(registry: &Arc<Registry>, refused: TrySpawnError<T>) -> JoinHandle<R> {
    // Before the handle is made: if this panics, a handle would be lost, and with it the pool.
    drop(refused);
    JoinHandle::rejected(registry.keep())
}

/// Spawns an owned task, which `queue` queues or gives back.
fn spawn_by<T>(
    registry: &Arc<Registry>,
    task: T,
    queue: impl FnOnce(&Arc<Registry>, TaskRef) -> Result<Posted, TaskRef>,
) -> Result<JoinHandle<T::Output>, TrySpawnError<T>>
where
    T: Task + 'static,
    T::Output: 'static,
{
    let Some(kept) = registry.accept() else {
        return Err(TrySpawnError::Closed(task));
    };
    // SAFETY: 1. the registry owns the allocator and the queue; the handle keeps it alive. 2. accepted, that is
    // counted, above; the group is part of the registry, which its threads keep alive. 3. the bounds say 'static.
    let [queued, held] = registry.spawn_from(|cache| unsafe {
        TaskRef::new(
            task,
            Group::Pool(NonNull::from(&*registry.owned)),
            &registry.blocks,
            cache,
        )
    });
    match queue(registry, queued) {
        Ok(posted) => {
            registry.tell(posted);
            // SAFETY: 1. `held` was made for the handle of a task with this output.
            Ok(unsafe { JoinHandle::new(held, kept) })
        }
        Err(queued) => {
            // SAFETY: 1. both references, and nobody has seen the one that came back.
            let task = unsafe { TaskRef::take_back([queued, held]) };
            registry.count_refused();
            registry.owned.ended();
            Err(TrySpawnError::Full(task))
        }
    }
}
