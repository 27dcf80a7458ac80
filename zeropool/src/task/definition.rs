//! The [`Task`] trait: what `#[zp::task]` implements, and every closure has.

use super::Context;

/// How urgent a task is among those that wait for a worker.
///
/// Said by `#[zp::task(priority = high)]`, by [`Task::PRIORITY`], or by whoever spawns the task, with
/// [`SpawnOptions::priority`](crate::SpawnOptions::priority).
///
/// A worker that looks for something to do takes, in this order: a high task; one that is
/// [meant for it](crate::SpawnOptions::on_worker); the newest normal one that it has spawned itself; what the joins of other threads offer;
/// normal tasks from outside, first come, first served; normal ones that other threads have spawned; a low one; what is meant for others
/// and has not been fetched for a while. High and low tasks run first come, first served, whoever spawns them.
///
/// So that none waits for ever, every 61st look of a worker begins elsewhere, by turns with the low tasks, with the normal ones from
/// outside, with its own oldest, with what is meant for it or for others, and with what other threads have spawned. As long as one
/// worker keeps looking for work, the next low task is overtaken by at most 305 others of its.
///
/// A priority interrupts nothing, and says nothing about waiting: a thread that waits for a task, or is at the end of a scope, runs
/// what it waits for, whatever its priority, and nothing else.
///
/// # Examples
///
/// ```
/// #[zp::task(priority = low)]
/// fn tidy_up() {}
///
/// let pool = zp::Pool::builder().workers(1).build()?;
/// pool.scope(|s| {
///     s.spawn(tidy_up::new());
///     s.spawn_with(|| (), zp::SpawnOptions::new().priority(zp::Priority::High));
/// });
/// # Ok::<(), zp::BuildError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Priority {
    /// After everything else; at times out of turn, so as not to wait for ever.
    Low,
    /// The usual.
    #[default]
    Normal,
    /// Before everything else.
    High,
}

/// A piece of work that can run once, on any thread of a pool.
///
/// `#[zp::task]` implements this for the parameter struct it generates, and every `FnOnce() -> R + Send` has
/// it too, so both go wherever a task goes. Implementing it by hand is fine: it is a safe trait.
///
/// # Examples
///
/// ```
/// struct Double(u32);
///
/// impl zp::Task for Double {
///     type Output = u32;
///     fn run(self, _cx: &mut zp::Context<'_>) -> u32 {
///         self.0 * 2
///     }
/// }
///
/// let doubled = zp::scope(|s| s.spawn(Double(21)).join());
/// assert_eq!(doubled, 42);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a task",
    label = "neither a closure `|| …` that is `Send` nor the parameter struct of a `#[zp::task]` function",
    note = "write `|| work(…)`, or annotate the function with `#[zp::task]` and pass `work::new(…)`",
    note = "everything a task captures and returns must be `Send`: it may run on another thread"
)]
pub trait Task: Send {
    /// What the task returns; it travels between threads.
    type Output: Send;

    /// The name that `Debug` of a handle shows; `#[zp::task]` fills in the function's name.
    const NAME: &'static str = "task";

    /// How urgent the task is unless a caller says otherwise.
    const PRIORITY: Priority = Priority::Normal;

    /// Does the work. Called at most once, on the thread that `cx` describes.
    fn run(self, cx: &mut Context<'_>) -> Self::Output;
}

impl<F, R> Task for F
where
    F: FnOnce() -> R + Send,
    R: Send,
{
    type Output = R;

    const NAME: &'static str = "closure";

    #[inline]
    fn run(self, _cx: &mut Context<'_>) -> R {
        self()
    }
}
