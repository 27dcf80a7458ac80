#![allow(unsafe_code)] // Fences: that a context never leaves its thread, in words that a user understands.
//! What a running task can ask about where it runs.

use crate::buffer::{Buf, BufUninit};
use crate::runtime::{Pool, Registry, Worker};
use crate::task::block::TaskRef;
use crate::task::stop::Stop;
use crate::task::waker::StoredWaker;
use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::Arc;

/// The executing thread, as a task sees it: worker index, pool, buffers, cancellation.
///
/// A task gets it through a `#[cx] cx: &mut zp::Context<'_>` parameter or as an argument of [`Task::run`]. It belongs
/// to the executing thread and is neither `Send` nor `Sync`.
///
/// # Examples
///
/// ```
/// #[zp::task]
/// fn who(#[cx] cx: &mut zp::Context<'_>) -> Option<usize> {
///     cx.worker_index()
/// }
///
/// let pool = zp::Pool::builder().workers(2).build()?;
/// let index = pool.scope(|s| s.spawn(who::new()).join());
/// assert!(index.is_none_or(|index| index < 2));
/// # Ok::<(), zp::BuildError>(())
/// ```
///
/// [`Task::run`]: crate::Task::run
pub struct Context<'a> {
    registry: &'a Arc<Registry>,
    worker: Option<Worker<'a>>,
    task: Option<&'a TaskRef>,
    /// Of the batch whose item runs.
    stop: Option<&'a Stop>,
    /// Of whoever awaits the task, once it has ended. Without drop glue, which every context would pay for; `wake` empties it.
    owed: ManuallyDrop<Option<StoredWaker>>,
}

/// What a context would have to be, to leave its thread. Nothing is.
#[diagnostic::on_unimplemented(
    message = "a `zp::Context` cannot be used by another thread",
    label = "the context belongs to the thread that runs the task",
    note = "ask it before, `let cancelled = cx.is_cancelled();`, or call a `#[zp::task]` function, which can have a `#[cx]` parameter of its own"
)]
pub trait LeavesItsThread {}

// Without the two implementations the compiler looks into the context, and reports each of the reasons that it finds there. In the
// documentation what it finds is enough.

// SAFETY: never applies: the trait has no implementations, and nobody else can write one, as neither the trait nor `Context` is theirs.
#[cfg(not(doc))]
unsafe impl<'a> Send for Context<'a> where Context<'a>: LeavesItsThread {}

// SAFETY: the same.
#[cfg(not(doc))]
unsafe impl<'a> Sync for Context<'a> where Context<'a>: LeavesItsThread {}

impl<'a> Context<'a> {
    pub(crate) fn new(
        registry: &'a Arc<Registry>,
        worker: Option<Worker<'a>>,
        task: Option<&'a TaskRef>,
    ) -> Self {
        Self {
            registry,
            worker,
            task,
            stop: None,
            owed: ManuallyDrop::new(None),
        }
    }

    /// For the items of a batch.
    pub(crate) fn of_batch(
        registry: &'a Arc<Registry>,
        worker: Option<Worker<'a>>,
        stop: &'a Stop,
    ) -> Self {
        Self {
            stop: Some(stop),
            ..Self::new(registry, worker, None)
        }
    }

    /// The task has ended, and its execution is about to.
    #[cold]
    pub(super) fn owe(&mut self, waker: StoredWaker) {
        self.owed = ManuallyDrop::new(Some(waker));
    }

    /// The execution is over.
    #[inline]
    pub(crate) fn wake(self) {
        if let Some(waker) = ManuallyDrop::into_inner(self.owed) {
            waker.wake();
        }
    }

    /// The index of the executing worker thread, below [`Pool::workers`]; `None` on a thread that is not the pool's
    /// own but takes part in it.
    #[must_use]
    pub fn worker_index(&self) -> Option<usize> {
        self.worker
            .map(|worker| worker.index())
            .filter(|&index| index < self.registry.workers())
    }

    /// The task has panicked; said before anybody can see it.
    #[cold]
    pub(super) fn count_panic(&self) {
        self.registry.count(|counters| &counters.panicked);
    }

    /// A handle to the executing pool. Costs what the clone of a [`Pool`] costs, two atomic operations; never blocks or allocates.
    #[must_use]
    pub fn pool(&self) -> Pool {
        Pool::of(self.registry)
    }

    /// True once the task has been asked to stop early, by its handle, by that of its batch, or, an owned task, by
    /// [`Pool::shutdown_now`]. A task that looks at this now and then and returns ends sooner; one that does not runs to its end.
    /// Items of a batch inside a task ask for the batch, which ends with its handle alone. Costs a few loads.
    ///
    /// # Examples
    ///
    /// ```
    /// #[zp::task]
    /// fn search(from: u64, wanted: u64, #[cx] cx: &mut zp::Context<'_>) -> Option<u64> {
    ///     (from..).take_while(|_| !cx.is_cancelled()).find(|n| n * n == wanted)
    /// }
    ///
    /// zp::scope(|s| {
    ///     let found = s.spawn(search { from: 0, wanted: 144 });
    ///     let endless = s.spawn(search { from: 20, wanted: 144 });
    ///     assert_eq!(found.join(), Some(12));
    ///     endless.cancel();
    ///     assert!(!matches!(endless.wait(), Ok(Some(_)))); // it gave up, or never started
    /// });
    /// ```
    pub fn is_cancelled(&self) -> bool {
        self.task.is_some_and(TaskRef::is_cancel_asked) || self.stop.is_some_and(Stop::skips_all)
    }

    /// Lends a zeroed buffer of `len` bytes from the executing pool's buffer pool. It goes back when dropped. Costs what
    /// [`BufferPool::get`](crate::BufferPool::get) costs, and blocks only where that does.
    ///
    /// # Examples
    ///
    /// ```
    /// #[zp::task]
    /// fn reversed(text: &str, #[cx] cx: &mut zp::Context<'_>) -> zp::Buf {
    ///     let mut bytes = cx.buffer(text.len());
    ///     bytes.copy_from_slice(text.as_bytes());
    ///     bytes.reverse();
    ///     bytes
    /// }
    ///
    /// let bytes = zp::scope(|s| s.spawn(reversed { text: "abc" }).join());
    /// assert_eq!(*bytes, *b"cba");
    /// ```
    ///
    /// # Panics
    ///
    /// As [`BufferPool::get`](crate::BufferPool::get) on a worker, whatever thread executes the task.
    #[track_caller]
    pub fn buffer(&mut self, len: usize) -> Buf {
        self.buffer_uninit(len).zeroed()
    }

    /// Lends a buffer of `len` bytes whose bytes are given as not yet written. Costs what [`Context::buffer`] costs.
    ///
    /// # Examples
    ///
    /// ```
    /// #[zp::task]
    /// fn copied(text: &str, #[cx] cx: &mut zp::Context<'_>) -> zp::Buf {
    ///     cx.buffer_uninit(text.len()).write_from_slice(text.as_bytes())
    /// }
    ///
    /// let bytes = zp::scope(|s| s.spawn(copied { text: "abc" }).join());
    /// assert_eq!(*bytes, *b"abc");
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Context::buffer`].
    #[track_caller]
    pub fn buffer_uninit(&mut self, len: usize) -> BufUninit {
        self.registry.buffers().get_in_task(len)
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("worker_index", &self.worker_index())
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
