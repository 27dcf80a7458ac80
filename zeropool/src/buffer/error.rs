//! Why a buffer could not be lent.

use super::memory::MapError;
use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

/// Why a [`BufferPool`](crate::BufferPool) has not lent a buffer. Every message says what can be done.
///
/// # Examples
///
/// ```
/// let error = zp::BufError::TooLarge { requested: 2 << 20, max_bytes: 1 << 20 };
/// assert_eq!(
///     error.to_string(),
///     "cannot lend 2097152 bytes from a pool of at most 1048576: ask for less, or raise `max_bytes`",
/// );
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum BufError {
    /// The cap is reached, and nothing at rest can make room. It may succeed when buffers have been dropped.
    Exhausted {
        /// The length that was asked for.
        requested: usize,
        /// The cap.
        max_bytes: usize,
        /// Bytes that are lent.
        in_flight: usize,
    },
    /// More than the pool may ever have, or than any object can be. It can never succeed.
    TooLarge {
        /// The length that was asked for.
        requested: usize,
        /// The cap; `isize::MAX` if there is none.
        max_bytes: usize,
    },
    /// The cap was reached, and it was still the turn of others, or there was no room, when the time was up.
    TimedOut {
        /// The length that was asked for.
        requested: usize,
        /// The cap.
        max_bytes: usize,
        /// How long it was waited.
        waited: Duration,
    },
    /// [`Pinning::Require`](crate::Pinning::Require), and the system does not lock the memory.
    LockFailed {
        /// The length that was asked for.
        requested: usize,
        /// What the system said.
        source: io::Error,
    },
    /// The system does not protect the memory as the pool was told to.
    ProtectFailed {
        /// The length that was asked for.
        requested: usize,
        /// The setting, as `guard_pages`.
        field: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no memory left for this process.
    OutOfMemory {
        /// The length that was asked for.
        requested: usize,
    },
}

impl BufError {
    /// What the system said to a request for `requested` bytes.
    pub(super) fn from_system(requested: usize, error: MapError) -> Self {
        match error {
            MapError::OutOfMemory { .. } => Self::OutOfMemory { requested },
            MapError::Lock { source, .. } => Self::LockFailed { requested, source },
            MapError::Protect { what, source } => Self::ProtectFailed {
                requested,
                field: what,
                source,
            },
        }
    }
}

impl fmt::Display for BufError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted {
                requested,
                max_bytes,
                in_flight,
            } => write!(
                f,
                "cannot lend {requested} bytes: {in_flight} of at most {max_bytes} are lent already; drop buffers, wait \
                 for them, or raise `max_bytes`"
            ),
            Self::TooLarge {
                requested,
                max_bytes,
            } if *max_bytes >= isize::MAX as usize => write!(
                f,
                "cannot lend {requested} bytes: no object can have so many; ask for less"
            ),
            Self::TooLarge {
                requested,
                max_bytes,
            } => write!(
                f,
                "cannot lend {requested} bytes from a pool of at most {max_bytes}: ask for less, or raise `max_bytes`"
            ),
            Self::TimedOut {
                requested,
                max_bytes,
                waited,
            } => write!(
                f,
                "waited {waited:?} for {requested} bytes from a pool of at most {max_bytes}: hold fewer buffers at once, \
                 wait longer, or raise `max_bytes`"
            ),
            Self::LockFailed { requested, source } => write!(
                f,
                "cannot lock memory for {requested} bytes: {source}; raise the limit of locked memory (RLIMIT_MEMLOCK, \
                 `ulimit -l`), or use `Pinning::BestEffort`"
            ),
            Self::ProtectFailed {
                requested,
                field,
                source,
            } => write!(
                f,
                "cannot apply `{field}` to memory for {requested} bytes: {source}; leave `{field}` out where the system \
                 lacks it"
            ),
            Self::OutOfMemory { requested } => write!(
                f,
                "the system has no memory for {requested} bytes; drop buffers, trim pools, or set `max_bytes`"
            ),
        }
    }
}

impl Error for BufError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::LockFailed { source, .. } | Self::ProtectFailed { source, .. } => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each, with the advice that its message has to give.
    fn each() -> Vec<(BufError, &'static str)> {
        let (requested, max_bytes) = (5000, 4096);
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        vec![
            (
                BufError::Exhausted {
                    requested,
                    max_bytes,
                    in_flight: 4096,
                },
                "raise `max_bytes`",
            ),
            (
                BufError::TooLarge {
                    requested,
                    max_bytes,
                },
                "raise `max_bytes`",
            ),
            (
                BufError::TooLarge {
                    requested,
                    max_bytes: isize::MAX as usize,
                },
                "ask for less",
            ),
            (
                BufError::TimedOut {
                    requested,
                    max_bytes,
                    waited: Duration::from_millis(20),
                },
                "raise `max_bytes`",
            ),
            (
                BufError::LockFailed {
                    requested,
                    source: denied(),
                },
                "RLIMIT_MEMLOCK",
            ),
            (
                BufError::ProtectFailed {
                    requested,
                    field: "guard_pages",
                    source: denied(),
                },
                "leave `guard_pages` out",
            ),
            (BufError::OutOfMemory { requested }, "drop buffers"),
        ]
    }

    #[test]
    fn messages_name_the_request_and_say_what_can_be_done() {
        for (error, advice) in each() {
            let message = error.to_string();
            assert!(message.contains("5000 bytes"), "{message}");
            assert!(message.contains(advice), "{message}");
            assert!(!message.contains("  "), "{message}");
        }
    }

    #[test]
    fn what_the_system_said_is_the_source_and_in_the_message() {
        for (error, _) in each() {
            if let Some(source) = error.source() {
                assert!(error.to_string().contains(&source.to_string()));
            }
        }
        assert_eq!(
            each().iter().filter(|(e, _)| e.source().is_some()).count(),
            2
        );
    }

    #[test]
    fn without_a_cap_none_is_named() {
        let error = BufError::TooLarge {
            requested: usize::MAX,
            max_bytes: isize::MAX as usize,
        };
        assert!(!error.to_string().contains("max_bytes"), "{error}");
    }
}
