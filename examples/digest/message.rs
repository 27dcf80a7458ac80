//! Lines for people, on standard error: quoted names, plain reasons.

pub(crate) use crate::names::{quote, reason};
use crate::progress::Progress;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Reports what went wrong with single paths, and remembers that something did.
pub(crate) struct Problems<'a> {
    progress: &'a Progress,
    any: AtomicBool,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(progress: &'a Progress) -> Self {
        Self {
            progress,
            any: AtomicBool::new(false),
        }
    }

    /// One line: the path and why it could not be read.
    pub(crate) fn report(&self, path: &Path, error: &io::Error) {
        // Relaxed: a flag, nothing is read by way of it.
        self.any.store(true, Relaxed);
        let name = path.as_os_str().as_encoded_bytes();
        self.progress
            .suspend(|| say(format_args!("{}: {}", quote(name), reason(error))));
    }

    /// Whether anything was reported.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Relaxed)
    }
}

/// Writes one line under the program's name. Nobody is left to tell if that fails.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "digest: {line}");
}
