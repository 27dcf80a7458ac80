//! What a write to a shared slice is refused for.

use crate::panic;
use std::error::Error;
use std::fmt;

/// Why [`Slots::write`](super::Slots::write) did not write, and the value that it did not write.
///
/// # Examples
///
/// ```
/// let mut names = [""; 3];
/// let slots = zp::Slots::new(&mut names);
/// let error = slots.write(3, "d").unwrap_err();
/// assert_eq!(error.to_string(), "there is no slot 3: the last one is 2");
/// assert_eq!((error.index(), error.into_inner()), (3, "d"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlotError<T> {
    /// There is no slot with this index.
    OutOfBounds {
        /// The index that was asked for.
        index: usize,
        /// How many slots there are.
        len: usize,
        /// What was to be written.
        value: T,
    },
    /// The slot has been written before.
    AlreadyWritten {
        /// The index of the slot.
        index: usize,
        /// What was to be written.
        value: T,
    },
}

impl<T> SlotError<T> {
    /// The index that was asked for.
    #[must_use]
    pub fn index(&self) -> usize {
        match self {
            Self::OutOfBounds { index, .. } | Self::AlreadyWritten { index, .. } => *index,
        }
    }

    /// What was to be written.
    #[must_use]
    pub fn into_inner(self) -> T {
        match self {
            Self::OutOfBounds { value, .. } | Self::AlreadyWritten { value, .. } => value,
        }
    }

    /// Panics with the error's text. The value is dropped before, so that its destructor may panic too.
    #[cold]
    #[track_caller]
    pub(crate) fn raise(self) -> ! {
        let text = self.to_string();
        if let Err(second) = panic::drop_caught(self) {
            panic::discard(second);
        }
        panic!("{text}");
    }
}

impl<T> fmt::Debug for SlotError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfBounds { index, len, .. } => f
                .debug_struct("OutOfBounds")
                .field("index", index)
                .field("len", len)
                .finish_non_exhaustive(),
            Self::AlreadyWritten { index, .. } => f
                .debug_struct("AlreadyWritten")
                .field("index", index)
                .finish_non_exhaustive(),
        }
    }
}

impl<T> fmt::Display for SlotError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfBounds { index, len: 0, .. } => {
                write!(f, "there is no slot {index}: the slice is empty")
            }
            Self::OutOfBounds { index, len, .. } => {
                write!(f, "there is no slot {index}: the last one is {}", len - 1)
            }
            Self::AlreadyWritten { index, .. } => {
                write!(
                    f,
                    "slot {index} has been written already, and each is written once"
                )
            }
        }
    }
}

impl<T> Error for SlotError<T> {}
