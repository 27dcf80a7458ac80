//! Why a task has no result.

use crate::panic::Payload;
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Why a task has no result.
///
/// # Examples
///
/// ```
/// let error = zp::scope(|s| {
///     s.spawn(|| -> u32 { panic!("no luck") }).wait().unwrap_err()
/// });
/// assert!(error.is_panic());
/// assert_eq!(error.to_string(), "the task panicked: no luck");
/// ```
#[non_exhaustive]
pub enum TaskError {
    /// It panicked; the payload is inside.
    Panicked(PanicPayload),
    /// It was cancelled before it started (a batch: before all of its items had run), or was pending when this process was
    /// [forked](crate::Pool#after-a-fork).
    Cancelled,
    /// The pool did not accept it: it has been shut down, or its queue was full and it [refuses](crate::WhenFull::Fail) tasks then.
    Rejected,
}

/// The payload of a task's panic: what was passed to `panic!` or [`panic_any`](std::panic::panic_any).
///
/// `Debug` shows the text of one that is a string, as those of `panic!` are. [`TaskError::into_panic`] takes the payload itself out.
///
/// # Examples
///
/// ```
/// match zp::spawn(|| -> u32 { panic!("no luck") }).wait() {
///     Err(zp::TaskError::Panicked(payload)) => assert_eq!(format!("{payload:?}"), "\"no luck\""),
///     other => unreachable!("{other:?}"),
/// }
/// ```
pub struct PanicPayload(
    /// Never locked: the mutex only makes a payload that is `Send` also `Sync`.
    Mutex<Payload>,
);

impl TaskError {
    pub(super) fn panicked(payload: Payload) -> Self {
        Self::Panicked(PanicPayload(Mutex::new(payload)))
    }

    /// True if the task panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self, Self::Panicked(_))
    }

    /// True if the task was cancelled; see [`TaskError::Cancelled`].
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }

    /// True if the pool did not accept the task.
    pub fn is_rejected(&self) -> bool {
        matches!(self, Self::Rejected)
    }

    /// The panic's payload, to look at or to pass to [`std::panic::resume_unwind`].
    ///
    /// # Examples
    ///
    /// ```
    /// let error = zp::spawn(|| -> u32 { std::panic::panic_any(404) }).wait().unwrap_err();
    /// let payload = error.into_panic().expect("it has panicked");
    /// assert_eq!(payload.downcast_ref(), Some(&404));
    /// ```
    ///
    /// # Errors
    /// The error itself, if it is not a panic.
    pub fn into_panic(self) -> Result<Box<dyn Any + Send + 'static>, Self> {
        match self {
            Self::Panicked(PanicPayload(payload)) => {
                Ok(payload.into_inner().unwrap_or_else(PoisonError::into_inner))
            }
            other => Err(other),
        }
    }
}

impl PanicPayload {
    fn message(&self) -> Option<String> {
        let payload = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        payload
            .downcast_ref::<&str>()
            .map(|message| (*message).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
    }
}

impl fmt::Debug for PanicPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            Some(message) => write!(f, "{message:?}"),
            None => f.write_str("(payload is not a string)"),
        }
    }
}

impl fmt::Debug for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(payload) => f.debug_tuple("Panicked").field(payload).finish(),
            Self::Cancelled => f.write_str("Cancelled"),
            Self::Rejected => f.write_str("Rejected"),
        }
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(payload) => match payload.message() {
                Some(message) => write!(f, "the task panicked: {message}"),
                None => f.write_str("the task panicked"),
            },
            Self::Cancelled => f.write_str("the task was cancelled before it ended"),
            Self::Rejected => f.write_str(
                "the pool did not accept the task: its queue was full, or it has been shut down",
            ),
        }
    }
}

impl Error for TaskError {}
