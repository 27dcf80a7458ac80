//! A bar where somebody is looking, and nothing at all elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

/// How many bytes are done, of how many.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// There is a bar if standard error is a terminal. It goes when this is dropped.
    pub(crate) fn start(what: &'static str, bytes: u64) -> Self {
        let style =
            ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes}, {eta} left")
                .expect("the template is valid");
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr())
            .with_style(style)
            .with_message(what)
            .with_finish(ProgressFinish::AndClear);
        Self {
            bar: (!bar.is_hidden()).then_some(bar),
        }
    }

    /// Counts bytes that are done. Without a bar this is one branch; with one, it draws at most 20 times a second.
    pub(crate) fn add(&self, bytes: usize) {
        if let Some(bar) = &self.bar {
            bar.inc(bytes as u64);
        }
    }
}
