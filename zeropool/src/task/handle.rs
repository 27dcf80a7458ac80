#![allow(unsafe_code)] // Fences: taking the one outcome of a task out of its block.
//! What the spawner keeps of a task: [`Handle`] inside a scope, [`JoinHandle`] for owned tasks.

use super::block::TaskRef;
use super::error::TaskError;
use super::group::ScopeGroup;
use super::state::Outcome;
use super::waker;
use crate::runtime::{Kept, Registry, park};
use crate::sync::Parker;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

/// The right to the outcome of one task; both handles are made of it.
struct Interest<T> {
    /// `None` once the outcome is taken.
    task: Option<TaskRef>,
    /// The outcome is taken by value only, so a shared handle shares no `T`; and `T` is `Send`, as every task's output.
    output: PhantomData<fn() -> T>,
}

impl<T> Interest<T> {
    /// # Safety
    /// 1. `task` is the reference for the task's handle, whose output is a `T`; no other interest is made of it.
    unsafe fn new(task: TaskRef) -> Self {
        Self {
            task: Some(task),
            output: PhantomData,
        }
    }

    fn task(&self) -> &TaskRef {
        match &self.task {
            Some(task) => task,
            None => unreachable!("the outcome is taken by value only"),
        }
    }

    /// In the child of a fork, what has not ended never will.
    fn is_complete(&self, registry: &Registry) -> bool {
        self.task().latch().is_done() || registry.is_forked()
    }

    /// One poll: true if the task has ended, else `waker` is woken once it has.
    fn poll(&mut self, waker: &Waker, registry: &Registry) -> bool {
        // SAFETY: 1. the allocator is part of the registry, which whoever completes the task keeps alive. 2. the handle is
        // borrowed mutably, and whatever else waits at the latch does so with the handle.
        let complete = unsafe { waker::poll(self.task().latch(), waker, &registry.blocks) };
        complete || registry.is_forked()
    }

    /// Runs the task here if nobody has begun it, else waits for it, helping only with what belongs to it.
    fn wait(&self, registry: &Arc<Registry>) {
        if self.is_complete(registry) {
            return;
        }
        // Polled before; this thread waits now.
        drop(self.task().latch().withdraw_waker());
        registry.with_desk(|worker| {
            let task = self.task();
            if let Some(worker) = worker {
                worker.await_seat(|| task.is_claimed());
            }
            if registry.run_here(worker, task) {
                return;
            }
            match worker {
                Some(worker) => worker.wait_for(task.latch()),
                None => {
                    sleep_until_complete(task, None);
                }
            }
        });
    }

    /// Takes the outcome of a completed task.
    fn take(mut self, registry: &Registry) -> Result<T, TaskError> {
        let Some(task) = self.task.take() else {
            unreachable!("the outcome is taken by value only")
        };
        // The latch is done, so the task has ended, and leaving makes the outcome ours alone.
        match task.state().drop_handle() {
            // SAFETY: 1. by obligation 1 of `new` the value is a `T`, and it is ours; 2. `task` was taken.
            Some(Outcome::Value) => Ok(unsafe { task.take_value() }),
            // SAFETY: as above.
            Some(Outcome::Panic) => Err(TaskError::panicked(unsafe { task.take_payload() })),
            Some(Outcome::Cancelled) => Err(TaskError::Cancelled),
            None if registry.is_forked() => Err(TaskError::Cancelled),
            None => unreachable!("complete before its outcome was settled"),
        }
    }

    fn cancel(&self, registry: &Arc<Registry>) -> bool {
        if registry.is_forked() {
            return false;
        }
        let task = self.task();
        match task.try_claim() {
            Some(claim) => {
                registry.left_entry();
                registry.cancel(claim);
                registry.clear_out_if_many();
                true
            }
            None => {
                task.state().ask_cancel();
                false
            }
        }
    }
}

impl<T> Drop for Interest<T> {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.drop_handle();
        }
    }
}

/// Sleeps until the task has ended or the deadline has passed; true if it has ended. Runs no work. A waker that an earlier poll
/// has left stays registered.
fn sleep_until_complete(task: &TaskRef, deadline: Option<Instant>) -> bool {
    let latch = task.latch();
    match latch.withdraw_waker() {
        None => sleep_at_latch(task, deadline),
        Some(waker) => sleep_at_latch(task, deadline) || latch.register_waker(waker).is_err(),
    }
}

fn sleep_at_latch(task: &TaskRef, deadline: Option<Instant>) -> bool {
    let latch = task.latch();
    let parker = Parker::of_this_thread();
    loop {
        if !latch.register(parker) {
            return true;
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_none_or(|left| !left.is_zero()) {
            park(parker, left);
        }
        if !latch.withdraw(parker) {
            return true;
        }
        if left.is_some_and(|left| left.is_zero()) {
            return false;
        }
    }
}

/// A task spawned in a scope: wait for it, ask for it, cancel it.
///
/// Dropping the handle detaches the task; its result is dropped as soon as it is there, and the scope still waits for
/// its end. A panic that no handle collects is resumed by the scope.
///
/// # Examples
///
/// ```
/// let (sum, error) = zp::scope(|s| {
///     let sum = s.spawn(|| 1 + 1);
///     let fails = s.spawn(|| -> u32 { panic!("no luck") });
///     (sum.join(), fails.wait().unwrap_err())
/// });
/// assert_eq!(sum, 2);
/// assert!(error.is_panic()); // the scope does not panic: `wait` has collected it
/// ```
pub struct Handle<'scope, T> {
    interest: Interest<T>,
    group: &'scope ScopeGroup,
    registry: &'scope Arc<Registry>,
}

impl<'scope, T> Handle<'scope, T> {
    /// # Safety
    /// 1. As for `Interest::new`.
    pub(crate) unsafe fn new(
        task: TaskRef,
        group: &'scope ScopeGroup,
        registry: &'scope Arc<Registry>,
    ) -> Self {
        Self {
            // SAFETY: 1 is the caller's.
            interest: unsafe { Interest::new(task) },
            group,
            registry,
        }
    }

    /// Waits for the task and returns its result.
    ///
    /// If nobody has begun the task, the calling thread runs it, whether or not all of the pool's workers are busy.
    /// Otherwise it blocks, and runs only what belongs to that task meanwhile, the arms that its joins offer, never unrelated work.
    /// Does not allocate.
    ///
    /// # Panics
    /// Resumes the task's panic; panics if the task was cancelled.
    #[track_caller]
    pub fn join(self) -> T {
        match self.wait() {
            Ok(value) => value,
            Err(error) => match error.into_panic() {
                Ok(payload) => std::panic::resume_unwind(payload),
                Err(error) => panic!("joined a task that has no result: {error}"),
            },
        }
    }

    /// As [`Handle::join`], with a panic or a cancellation as a value.
    ///
    /// # Examples
    ///
    /// ```
    /// let numbers: Vec<Result<u32, _>> = zp::scope(|s| {
    ///     let tasks = ["1", "x"].map(|text| s.spawn(move || text.parse::<u32>().expect("a number")));
    ///     tasks.into_iter().map(zp::Handle::wait).collect()
    /// });
    /// assert_eq!(numbers[0].as_ref().ok(), Some(&1));
    /// assert!(numbers[1].as_ref().is_err_and(zp::TaskError::is_panic));
    /// ```
    ///
    /// # Errors
    /// [`TaskError::Panicked`] or [`TaskError::Cancelled`].
    pub fn wait(self) -> Result<T, TaskError> {
        self.interest.wait(self.registry);
        self.interest.take(self.registry)
    }

    /// Waits for at most `limit` and returns whether the task has ended. Blocks and runs no work meanwhile: on a worker it may time out
    /// although the task could have run there.
    ///
    /// Unlike [`JoinHandle::wait_timeout`] it does not return the result: call [`join`](Handle::join) or [`wait`](Handle::wait) then.
    /// `&mut`, because a task has room for one thread that waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// zp::scope(|s| {
    ///     let mut handle = s.spawn(|| 6 * 7);
    ///     if !handle.wait_timeout(Duration::from_secs(10)) {
    ///         handle.cancel();
    ///     }
    ///     assert_eq!(handle.wait().ok(), Some(42));
    /// });
    /// ```
    pub fn wait_timeout(&mut self, limit: Duration) -> bool {
        let deadline = Instant::now().checked_add(limit);
        self.is_complete() || sleep_until_complete(self.interest.task(), deadline)
    }

    /// True once the task has ended. Never blocks.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.interest.is_complete(self.registry)
    }

    /// Prevents the task from starting; true if it had not started. A task that runs already is asked to stop early
    /// ([`Context::is_cancelled`](crate::Context::is_cancelled)): `false` does not mean that the request was ignored.
    ///
    /// Never blocks. A task that had not started is dropped here.
    ///
    /// # Examples
    ///
    /// ```
    /// zp::scope(|s| {
    ///     let handle = s.spawn(|| 6 * 7);
    ///     if handle.cancel() {
    ///         assert!(handle.wait().unwrap_err().is_cancelled());
    ///     } else {
    ///         assert_eq!(handle.join(), 42); // it had started, and did not look
    ///     }
    /// });
    /// ```
    pub fn cancel(&self) -> bool {
        self.interest.cancel(self.registry)
    }
}

impl<T> fmt::Debug for Handle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("task", &self.interest.task)
            .field("scope", &self.group.counts.load().pending())
            .finish()
    }
}

/// An owned task: wait for it on any thread, await it in any async runtime, ask for it, cancel it.
///
/// Dropping the handle detaches the task; a panic then goes to the pool's panic handler.
///
/// # As a future
///
/// A `JoinHandle` is a `Future` with the output of [`JoinHandle::wait`]. It works in any async runtime, and no thread blocks
/// meanwhile: the thread that completes the task calls the waker of the last poll, once it holds nothing of the pool any more. A poll
/// runs no tasks. It costs two atomic exchanges, and if the waker is a new one, its clone and a block from the pool's free list. The future may be
/// polled from different tasks and threads by turns, dropped at any time, or given up for [`JoinHandle::wait`]; it is
/// `Unpin`, so `(&mut handle).await` leaves the handle in place.
///
/// Scopes and joins borrow, so they block: in an async task they keep the thread from everything else. There, spawn an owned task and
/// await its handle, or call them inside the runtime's own "spawn blocking".
///
/// A handle that nobody drops (`mem::forget`) keeps the memory of its task's result, and of the pool, to the end of the
/// process. The task runs, and shutdown waits for it and no longer.
///
/// # Examples
///
/// ```
/// # use std::task::{Context, Poll, Waker};
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = std::pin::pin!(future);
/// #     loop {
/// #         if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) { return value; }
/// #         std::thread::yield_now();
/// #     }
/// # }
/// async fn total(numbers: Vec<u64>) -> Result<u64, zp::TaskError> {
///     zp::spawn(move || numbers.iter().sum()).await
/// }
///
/// assert_eq!(block_on(total(vec![1, 2, 3])).unwrap(), 6);
/// ```
pub struct JoinHandle<T> {
    /// `None`: the pool did not accept the task, or the outcome has been returned. Before `registry`, which keeps the
    /// block alive.
    interest: Option<Interest<T>>,
    accepted: bool,
    registry: Kept,
}

impl<T> JoinHandle<T> {
    /// # Safety
    /// 1. As for `Interest::new`.
    pub(crate) unsafe fn new(task: TaskRef, registry: Kept) -> Self {
        Self {
            // SAFETY: 1 is the caller's.
            interest: Some(unsafe { Interest::new(task) }),
            accepted: true,
            registry,
        }
    }

    pub(crate) fn rejected(registry: Kept) -> Self {
        Self {
            interest: None,
            accepted: false,
            registry,
        }
    }

    /// Waits for the task and returns its result, a panic as an error too. If nobody has begun the task, the calling thread runs it,
    /// whether or not all of the pool's workers are busy. Otherwise it blocks, and runs only what belongs to that task meanwhile. Does
    /// not allocate.
    ///
    /// # Errors
    /// [`TaskError::Panicked`], [`TaskError::Cancelled`], or [`TaskError::Rejected`] if the pool had been shut down or
    /// refused the task.
    ///
    /// # Panics
    /// If [`JoinHandle::wait_timeout`] has returned the outcome already.
    #[track_caller]
    pub fn wait(mut self) -> Result<T, TaskError> {
        let interest = self.take_interest()?;
        interest.wait(&self.registry);
        interest.take(&self.registry)
    }

    /// Waits for at most `limit`; `None` means not yet. Blocks and runs no work meanwhile: on a worker it may time out although the task
    /// could have run there.
    ///
    /// Unlike [`Handle::wait_timeout`] it returns the result, and returns it once: after `Some`, only drop the handle. `&mut`, because
    /// a task has room for one thread that waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// #[zp::task]
    /// fn serve(#[cx] cx: &mut zp::Context<'_>) -> &'static str {
    ///     while !cx.is_cancelled() {
    ///         std::thread::yield_now();
    ///     }
    ///     "stopped early"
    /// }
    ///
    /// let mut handle = zp::spawn(serve::new());
    /// if handle.wait_timeout(Duration::from_millis(10)).is_none() {
    ///     let had_not_started = handle.cancel();
    ///     match handle.wait() {
    ///         Ok(text) => assert_eq!(text, "stopped early"),
    ///         Err(error) => assert!(had_not_started && error.is_cancelled()),
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    /// If the outcome has been returned already.
    #[track_caller]
    pub fn wait_timeout(&mut self, limit: Duration) -> Option<Result<T, TaskError>> {
        let deadline = Instant::now().checked_add(limit);
        let interest = match self.take_interest() {
            Ok(interest) => interest,
            Err(rejected) => return Some(Err(rejected)),
        };
        if interest.is_complete(&self.registry) || sleep_until_complete(interest.task(), deadline) {
            return Some(interest.take(&self.registry));
        }
        self.interest = Some(interest);
        None
    }

    #[track_caller]
    fn take_interest(&mut self) -> Result<Interest<T>, TaskError> {
        match self.interest.take() {
            Some(interest) => Ok(interest),
            None if self.accepted => panic!("the outcome of this task has been returned already"),
            None => Err(TaskError::Rejected),
        }
    }

    /// True once the task has ended, and if it was never accepted. Never blocks.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.interest
            .as_ref()
            .is_none_or(|interest| interest.is_complete(&self.registry))
    }

    /// Prevents the task from starting; true if it had not started. A task that runs already is asked to stop early
    /// ([`Context::is_cancelled`](crate::Context::is_cancelled)): `false` does not mean that the request was ignored.
    ///
    /// May be called from any thread that has a reference. A cancelled task is dropped on the calling thread, and whoever waits for
    /// the handle gets [`TaskError::Cancelled`]. Never blocks. [`JoinHandle::wait_timeout`] has an example.
    pub fn cancel(&self) -> bool {
        self.interest
            .as_ref()
            .is_some_and(|interest| interest.cancel(&self.registry))
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if let Some(interest) = self.interest.take() {
            // Before the handle counts as dropped: from then on nobody looks at the latch.
            drop(interest.task().latch().withdraw_waker());
        }
    }
}

/// See [`JoinHandle`](JoinHandle#as-a-future).
///
/// # Panics
/// A poll after the outcome has been returned panics, unless the task was never accepted.
impl<T> Future for JoinHandle<T> {
    type Output = Result<T, TaskError>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        // The interest stays in place while the waker's `clone` runs, which may panic.
        if let Some(interest) = &mut this.interest
            && !interest.poll(cx.waker(), &this.registry)
        {
            return Poll::Pending;
        }
        Poll::Ready(
            this.take_interest()
                .and_then(|interest| interest.take(&this.registry)),
        )
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field(
                "task",
                &self.interest.as_ref().map(|interest| &interest.task),
            )
            .finish()
    }
}
