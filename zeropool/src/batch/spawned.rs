//! Batches that run while their spawner goes on.

use super::sink::{Discard, Sink};
use super::source::Source;
use super::{Batch, BatchInto, Body};
use crate::runtime::Scope;
use crate::task::watch::{Watch, WatchRef};
use crate::task::{Context, Handle, Priority, Task, TaskError};
use std::fmt;
use std::time::Duration;

/// How far a spawned batch has come; from [`BatchHandle::progress`].
///
/// # Examples
///
/// ```
/// let progress = zp::scope(|s| {
///     let mut batch = s.spawn_batch(zp::times(200, |i| i * i));
///     while !batch.wait_timeout(std::time::Duration::from_millis(100)) {
///         let zp::Progress { done, total, .. } = batch.progress();
///         println!("{done} of {total}");
///     }
///     batch.progress()
/// });
/// assert_eq!((progress.done, progress.total), (200, 200));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Items that have been run.
    pub done: usize,
    /// All items of the batch.
    pub total: usize,
}

/// A batch that can be spawned: made of a `#[zp::batch]` function or a closure loop, with or without places for its results.
///
/// A [`Batch`] or a [`BatchInto`]. Not to be implemented by hand: it is public so that functions can take whatever
/// [`Scope::spawn_batch`] takes.
///
/// # Examples
///
/// ```
/// use zp::{BatchHandle, Scope, SpawnBatch};
///
/// fn spawn_all<'s>(s: &'s Scope<'s, '_>, batches: Vec<impl SpawnBatch + 's>) -> Vec<BatchHandle<'s>> {
///     batches.into_iter().map(|batch| s.spawn_batch(batch)).collect()
/// }
///
/// let (mut evens, mut odds) = ([0; 3], [0; 3]);
/// zp::scope(|s| {
///     let both = [(0, &mut evens), (1, &mut odds)];
///     let batches = both.map(|(first, out)| zp::times(3, move |i| first + 2 * i).into_slots(out));
///     spawn_all(s, batches.into()).into_iter().for_each(BatchHandle::join);
/// });
/// assert_eq!((evens, odds), ([0, 2, 4], [1, 3, 5]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a batch",
    label = "neither a batch nor one with places for its results",
    note = "make one with `f::over(…)` of a `#[zp::batch]` function, or with `zp::each`, `zp::map` and the like; `.into_slots(&mut results)` gives it places"
)]
pub trait SpawnBatch: Send {
    /// How many items it has.
    #[doc(hidden)]
    fn total(&self) -> usize;

    /// The name that `Debug` of a handle shows.
    #[doc(hidden)]
    const NAME: &'static str;

    /// How urgent it is.
    #[doc(hidden)]
    const PRIORITY: Priority;

    /// Runs it; false if some items were skipped.
    #[doc(hidden)]
    fn run_watched(self, watch: WatchedBy<'_>) -> bool;
}

/// What watches over a running batch.
#[doc(hidden)]
#[derive(Debug)]
pub struct WatchedBy<'a>(&'a Watch);

impl<S: Source, B: Body<S::Item>> SpawnBatch for Batch<S, B> {
    fn total(&self) -> usize {
        self.source.len()
    }

    const NAME: &'static str = B::NAME;
    const PRIORITY: Priority = B::PRIORITY;

    fn run_watched(self, watch: WatchedBy<'_>) -> bool {
        run_watched(self, Discard, watch)
    }
}

impl<S, B> SpawnBatch for BatchInto<'_, S, B>
where
    S: Source,
    B: Body<S::Item>,
{
    fn total(&self) -> usize {
        self.batch.source.len()
    }

    const NAME: &'static str = B::NAME;
    const PRIORITY: Priority = B::PRIORITY;

    fn run_watched(self, watch: WatchedBy<'_>) -> bool {
        run_watched(self.batch, self.slots, watch)
    }
}

fn run_watched<S, B, K>(batch: Batch<S, B>, sink: K, WatchedBy(watch): WatchedBy<'_>) -> bool
where
    S: Source,
    B: Body<S::Item>,
    K: Sink<B::Output>,
{
    batch.drive_watched(sink, &watch.stop, Some(watch)).is_ok()
}

/// A spawned batch as a task.
struct BatchTask<'scope, J> {
    job: J,
    watch: WatchRef<'scope>,
}

impl<J: SpawnBatch> Task for BatchTask<'_, J> {
    type Output = bool;

    const NAME: &'static str = J::NAME;
    const PRIORITY: Priority = J::PRIORITY;

    fn run(self, _cx: &mut Context<'_>) -> bool {
        let Self { job, watch } = self;
        job.run_watched(WatchedBy(watch.watch()))
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Spawns a batch and does not wait for it: one task, whose items are shared out among the threads that have time.
    ///
    /// It runs in the scope's pool, or in the one that [`Batch::on`] names. Costs what [`Scope::spawn`] costs, whatever the number of items:
    /// never blocks, allocates nothing in steady state, may wake one worker.
    ///
    /// # Examples
    ///
    /// ```
    /// let numbers: Vec<u64> = (0..1000).collect();
    /// let mut squares = vec![0; 1000];
    /// zp::scope(|s| {
    ///     let batch = s.spawn_batch(zp::map(&numbers, |x| x * x).into_slots(&mut squares));
    ///     let progress = batch.progress();
    ///     assert!(progress.done <= progress.total);
    ///     batch.join();
    /// });
    /// assert_eq!(squares[30], 900);
    /// ```
    pub fn spawn_batch<J>(&'scope self, batch: J) -> BatchHandle<'scope>
    where
        J: SpawnBatch + 'scope,
    {
        let total = batch.total();
        let [watch, seen] = WatchRef::pair(self.registry().watches());
        let task = BatchTask { job: batch, watch };
        BatchHandle {
            handle: self.spawn(task),
            watch: seen,
            total,
        }
    }
}

/// A batch spawned in a scope: see how far it is, wait for it, cancel it.
///
/// Dropping the handle detaches the batch; the scope still waits for its end.
///
/// # Examples
///
/// ```
/// let mut squares = vec![0; 1000];
/// zp::scope(|s| {
///     let batch = s.spawn_batch(zp::times(1000, |i| i * i).into_slots(&mut squares));
///     // … something else …
///     batch.join();
/// });
/// assert_eq!(squares[30], 900);
/// ```
pub struct BatchHandle<'scope> {
    handle: Handle<'scope, bool>,
    watch: WatchRef<'scope>,
    total: usize,
}

impl BatchHandle<'_> {
    /// How many of the items have been run. Moves in steps of a block of items. Never blocks. [`Progress`] has an example.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            done: self.watch.watch().done(),
            total: self.total,
        }
    }

    /// Waits for all items, and takes part in the work. Blocks at the end, for what others have begun; does not allocate.
    ///
    /// # Panics
    /// Resumes the panic of an item; panics if the batch was cancelled.
    #[track_caller]
    pub fn join(self) {
        if !self.handle.join() {
            panic!("joined a batch that was cancelled");
        }
    }

    /// As [`BatchHandle::join`], with a panic or a cancellation as a value.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = zp::scope(|s| {
    ///     s.spawn_batch(zp::times(100, |i| assert!(i < 50, "too far"))).wait().unwrap_err()
    /// });
    /// assert_eq!(error.to_string(), "the task panicked: too far");
    /// ```
    ///
    /// # Errors
    /// [`TaskError::Panicked`], or [`TaskError::Cancelled`] if items were skipped.
    pub fn wait(self) -> Result<(), TaskError> {
        match self.handle.wait() {
            Ok(true) => Ok(()),
            Ok(false) => Err(TaskError::Cancelled),
            Err(error) => Err(error),
        }
    }

    /// Waits for at most `limit` and returns whether the batch has ended. Blocks and runs no work meanwhile. [`Progress`] has an example.
    ///
    /// Unlike [`JoinHandle::wait_timeout`](crate::JoinHandle::wait_timeout) it does not return the outcome: call
    /// [`join`](BatchHandle::join) or [`wait`](BatchHandle::wait) then. `&mut`, because a batch has room for one thread that waits.
    pub fn wait_timeout(&mut self, limit: Duration) -> bool {
        self.handle.wait_timeout(limit)
    }

    /// True once the batch has ended. Never blocks.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.handle.is_complete()
    }

    /// Skips the items that have not begun, but for those of blocks that have, of some 20 µs or 16 items; true if the batch had
    /// not begun at all. Running items can see it in [`Context::is_cancelled`](crate::Context::is_cancelled). Results that were
    /// made stay where they are. Never blocks.
    ///
    /// # Examples
    ///
    /// ```
    /// #[zp::batch]
    /// fn attempt(#[index] _i: usize, #[cx] cx: &mut zp::Context<'_>) {
    ///     while !cx.is_cancelled() {
    ///         std::thread::yield_now();
    ///     }
    /// }
    ///
    /// zp::scope(|s| {
    ///     let batch = s.spawn_batch(attempt::times(1000));
    ///     batch.cancel();
    ///     assert!(batch.wait().unwrap_err().is_cancelled());
    /// });
    /// ```
    pub fn cancel(&self) -> bool {
        let before_all = self.handle.cancel();
        self.watch.watch().stop.all();
        before_all
    }
}

impl fmt::Debug for BatchHandle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchHandle")
            .field("progress", &self.progress())
            .field("is_complete", &self.is_complete())
            .finish_non_exhaustive()
    }
}
