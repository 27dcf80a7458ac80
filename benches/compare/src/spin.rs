//! Plain work of a known length: a chain of arithmetic that nothing can shorten, calibrated once per process.

use crate::random::scatter;
use std::hint::black_box;
use std::sync::OnceLock;
use std::time::Instant;

/// Work of `rounds` dependent steps; the result depends on each of them.
#[inline(never)]
pub fn spin(seed: u64, rounds: u64) -> u64 {
    (0..rounds).fold(seed, |x, round| scatter(x ^ round))
}

/// How many rounds of [`spin`] last so many nanoseconds on this machine.
pub fn rounds(ns: usize) -> u64 {
    (ns as f64 * rounds_per_ns()).round().max(1.0) as u64
}

fn rounds_per_ns() -> f64 {
    static ROUNDS_PER_NS: OnceLock<f64> = OnceLock::new();
    const ROUNDS: u64 = 100_000;
    *ROUNDS_PER_NS.get_or_init(|| {
        // The fastest of many: the one that nothing interrupted.
        let fastest = (0..50)
            .map(|seed| {
                let begin = Instant::now();
                black_box(spin(black_box(seed), ROUNDS));
                begin.elapsed()
            })
            .min();
        ROUNDS as f64 / fastest.map_or(1.0, |time| time.as_nanos().max(1) as f64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_depends_on_every_round() {
        assert_ne!(spin(1, 10), spin(1, 11));
        assert_ne!(spin(1, 10), spin(2, 10));
    }

    #[test]
    fn rounds_grow_with_time() {
        assert!(rounds(0) >= 1);
        let (short, long) = (rounds(10_000) as f64, rounds(100_000) as f64);
        assert!((long / short - 10.0).abs() < 0.5, "{short} {long}");
    }
}
