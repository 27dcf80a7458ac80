//! Why something could not be built, and the checks that say so. Of tasks and of buffers: it knows neither.

use std::error::Error;
use std::fmt;
use std::io;

/// Why a pool could not be built: a [`Pool`](crate::Pool) of threads, or a [`BufferPool`](crate::BufferPool).
///
/// # Examples
///
/// ```
/// let error = zp::BufferPool::builder().shards(3).build().unwrap_err();
/// assert_eq!(error.to_string(), "invalid `shards`: 3; valid: a power of two from 1 to 256");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// A setting makes no sense, by itself or together with another.
    Invalid {
        /// The builder method.
        field: &'static str,
        /// The value it was given.
        value: String,
        /// What it takes.
        valid: String,
    },
    /// A setting makes sense, but this system has no means for it.
    Unavailable {
        /// The builder method.
        field: &'static str,
        /// What is missing.
        reason: String,
    },
    /// The operating system refused to start a thread. Those already started have ended again.
    Thread {
        /// Which worker.
        index: usize,
        /// What the system said.
        source: io::Error,
    },
}

impl BuildError {
    pub(crate) fn invalid(
        field: &'static str,
        value: impl fmt::Debug,
        valid: impl Into<String>,
    ) -> Self {
        Self::Invalid {
            field,
            value: format!("{value:?}"),
            valid: valid.into(),
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid {
                field,
                value,
                valid,
            } => write!(f, "invalid `{field}`: {value}; valid: {valid}"),
            Self::Unavailable { field, reason } => {
                write!(f, "`{field}` is not available here: {reason}")
            }
            Self::Thread { index, source } => {
                write!(f, "cannot start the thread of worker {index}: {source}")
            }
        }
    }
}

impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Invalid { .. } | Self::Unavailable { .. } => None,
            Self::Thread { source, .. } => Some(source),
        }
    }
}

/// An error unless `min <= value <= max`.
pub(crate) fn in_range<T: PartialOrd + fmt::Debug>(
    field: &'static str,
    value: T,
    min: T,
    max: T,
) -> Result<(), BuildError> {
    if min <= value && value <= max {
        return Ok(());
    }
    let valid = format!("{min:?} to {max:?}");
    Err(BuildError::invalid(field, value, valid))
}

/// An error unless `value` is a power of two with `min <= value <= max`.
pub(crate) fn power_of_two(
    field: &'static str,
    value: usize,
    min: usize,
    max: usize,
) -> Result<(), BuildError> {
    if value.is_power_of_two() && min <= value && value <= max {
        return Ok(());
    }
    let valid = format!("a power of two from {min} to {max}");
    Err(BuildError::invalid(field, value, valid))
}
