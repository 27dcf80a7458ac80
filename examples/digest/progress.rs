//! How far the work is: a count for the summary, and a bar where somebody is looking.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// The bytes read and found so far, counted by all workers.
pub(crate) struct Progress {
    bytes: AtomicU64,
    found: AtomicU64,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Starts the clock. There is a bar if standard error is a terminal, and nothing at all otherwise.
    pub(crate) fn start() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
            .with_style(style("{bytes} read, {bytes_per_sec}"))
            .with_finish(ProgressFinish::AndClear);
        Self {
            bytes: AtomicU64::new(0),
            found: AtomicU64::new(0),
            started: Instant::now(),
            bar: (!bar.is_hidden()).then_some(bar),
        }
    }

    /// Counts bytes that are to be read. `len` is asked only if there is a bar.
    pub(crate) fn found(&self, len: impl FnOnce() -> u64) {
        if self.bar.is_some() {
            self.found.fetch_add(len(), Relaxed);
        }
    }

    /// Tells the bar that everything has been found: from now on it shows how much is left.
    pub(crate) fn all_found(&self) {
        if let Some(bar) = &self.bar {
            bar.set_length(self.found.load(Relaxed));
            bar.set_style(style(
                "{bar:30} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
            ));
        }
    }

    /// Counts bytes that have been read.
    pub(crate) fn add(&self, bytes: usize) {
        // Relaxed: a count, nothing is read by way of it.
        self.bytes.fetch_add(bytes as u64, Relaxed);
        if let Some(bar) = &self.bar {
            bar.inc(bytes as u64);
        }
    }

    /// Takes the bar off the screen while `print` writes there, which must not suspend it again.
    pub(crate) fn suspend<R>(&self, print: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Takes the bar off the screen for good.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// One line about it all: files, bytes, seconds, MB/s, workers.
    pub(crate) fn summary(&self, files: usize, workers: usize) -> String {
        let bytes = self.bytes.load(Relaxed);
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = bytes as f64 / 1e6 / seconds;
        let (s, w) = (plural(files), plural(workers));
        format!(
            "{files} file{s}, {bytes} bytes in {seconds:.3} s, {rate:.1} MB/s, {workers} worker{w}"
        )
    }
}

/// A writer that takes the bar off the screen for every write.
pub(crate) struct Beside<'a, W> {
    progress: &'a Progress,
    inner: W,
}

impl<'a, W> Beside<'a, W> {
    pub(crate) fn new(progress: &'a Progress, inner: W) -> Self {
        Self { progress, inner }
    }
}

impl<W: Write> Write for Beside<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.progress.suspend(|| self.inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.progress.suspend(|| self.inner.flush())
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates of this file are valid")
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_what_was_read() {
        let progress = Progress::start();
        progress.add(1_000);
        progress.add(24);
        let line = progress.summary(2, 1);
        assert!(line.starts_with("2 files, 1024 bytes in "), "{line}");
        assert!(line.ends_with(" MB/s, 1 worker"), "{line}");
    }
}
