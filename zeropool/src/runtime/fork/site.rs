//! What is known about one `join!` in the source.
//!
//! Under a few forks on offer all joins of a thread are plain calls. That hides coarse work if a join deep inside has two long
//! arms and few joins in them. So each `join!` remembers whether its arms are long; if they are, it always makes an offer,
//! whose cost is then small against the work. A place that nobody has timed counts as coarse, so its first joins are
//! offered; one pair of short arms is enough to change that, since most joins of a recursion without a cut-off are short. A generic
//! function has one record for all its types.

use crate::sync::{AtomicU8, Ordering::Relaxed};
use std::time::Duration;

/// Arms that both take at least this long are coarse.
const COARSE: Duration = Duration::from_micros(2);

/// The highest score, and that of a place nobody has timed.
const MOST: u8 = 8;

/// The record of one `join!`: a static, made by the macro.
#[derive(Debug)]
pub struct JoinSite {
    /// How many joins in a row were coarse, up to [`MOST`].
    score: AtomicU8,
}

impl JoinSite {
    /// A place that nobody has timed.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "made in statics only")]
    pub const fn new() -> Self {
        Self {
            score: AtomicU8::new(MOST),
        }
    }

    /// From `QUIET` on, joins here make an offer whatever else is on offer.
    #[inline(always)]
    pub(super) fn score(&self) -> u8 {
        // Ordering: Relaxed here and below; a hint. Threads may overwrite each other's scores.
        self.score.load(Relaxed)
    }

    /// Is each join here that makes an offer to be timed? Others are timed now and then (`tokens.rs`).
    pub(super) fn is_hopeful(&self) -> bool {
        self.score.load(Relaxed) > 0
    }

    /// The shorter arm of a join took so long.
    pub(super) fn sample(&self, shorter: Duration) {
        let score = self.score.load(Relaxed);
        let next = if shorter < COARSE {
            0
        } else {
            MOST.min(score + 1)
        };
        if next != score {
            self.score.store(next, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ends::QUIET;
    use super::*;

    #[test]
    fn a_place_is_coarse_until_it_is_fine_and_fine_until_it_is_coarse_in_a_row() {
        let site = JoinSite::new();
        assert!(site.score() >= QUIET);
        site.sample(COARSE / 2);
        assert!(site.score() < QUIET);
        for _ in 0..QUIET - 1 {
            site.sample(COARSE);
        }
        assert!(site.score() < QUIET);
        site.sample(COARSE);
        assert!(site.score() >= QUIET);
    }
}
