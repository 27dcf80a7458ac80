//! The [`Task`] trait: what `#[zp::task]` implements, and every closure has.

use super::Context;

/// How urgent a task is among those that wait to run.
///
/// The priority is stored with the task; today's schedulers run tasks in their own order whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Priority {
    /// After everything else.
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

    /// The name used in reports; `#[zp::task]` fills in the function's name.
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
