//! Times the ways against each other, and holds their digests against each other.

use crate::file::TensorFile;
use crate::load::{self, Digest, PART_LEN, Plan, Way};
use crate::progress::Progress;
use std::fmt::Write as _;
use std::io;
use std::time::{Duration, Instant};

/// What came of it.
pub(crate) struct Outcome {
    /// Of each tensor, the same in every way and every run.
    digests: Vec<Digest>,
    /// Of each way, the median.
    times: Vec<(Way, Duration)>,
    runs: usize,
}

/// Loads the file in every way, once to warm up and then `runs` times, in turns.
///
/// # Errors
///
/// The first one of a way; and one that names the tensor if two ways disagree about it.
pub(crate) fn compare(file: &TensorFile, pool: &zp::Pool, runs: usize) -> io::Result<Outcome> {
    let plan = Plan::new(&file.tensors);
    plan.preallocate(pool.buffers())?;
    let passes = Way::ALL.len() as u64 * (runs as u64).saturating_add(1);
    let progress = Progress::start("loading", file.data_len().saturating_mul(passes));
    // Brings the file into the page cache.
    let digests = Way::Pooled.load(file, &plan, pool, &progress)?;

    let mut times = Way::ALL.map(|way| (way, Vec::new()));
    for run in 0..=runs {
        for (way, times) in &mut times {
            if run == 0 && *way == Way::Pooled {
                continue;
            }
            let start = Instant::now();
            let found = way.load(file, &plan, pool, &progress)?;
            let time = start.elapsed();
            expect_same(file, &digests, &found)?;
            if run > 0 {
                times.push(time);
            }
        }
    }
    Ok(Outcome {
        digests,
        times: times.map(|(way, times)| (way, median(times))).into(),
        runs,
    })
}

fn expect_same(file: &TensorFile, expected: &[Digest], found: &[Digest]) -> io::Result<()> {
    for ((tensor, expected), found) in file.tensors.iter().zip(expected).zip(found) {
        if expected != found {
            return Err(io::Error::other(format!(
                "tensor {:?} was read with the digests {expected:016x} and {found:016x}: it changed meanwhile",
                tensor.name
            )));
        }
    }
    Ok(())
}

/// The middle one, or the mean of the two in the middle. `times` is not empty.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let middle = times.len() / 2;
    if times.len() % 2 == 1 {
        times[middle]
    } else {
        (times[middle - 1] + times[middle]) / 2
    }
}

impl Outcome {
    /// All that is printed: the digests if they are wanted, and the table.
    pub(crate) fn report(&self, file: &TensorFile, threads: usize, digests: bool) -> String {
        let mut text = String::new();
        if digests {
            for (tensor, digest) in file.tensors.iter().zip(&self.digests) {
                line(
                    &mut text,
                    format_args!(
                        "{digest:016x}  {} {:?} {}",
                        tensor.dtype,
                        tensor.shape,
                        tensor.name.escape_debug()
                    ),
                );
            }
        }
        let (count, bytes) = (file.tensors.len(), file.data_len());
        let all = load::join(&self.digests);
        line(
            &mut text,
            format_args!(
                "{count} tensor{}, {bytes} bytes, digest of all {all:016x}, the same in every way",
                plural(count)
            ),
        );
        line(
            &mut text,
            format_args!(
                "median of {} run{}, file in the page cache",
                self.runs,
                plural(self.runs)
            ),
        );
        let pooled = self.times[0].1.as_secs_f64();
        for (way, time) in &self.times {
            let seconds = time.as_secs_f64();
            let mut row = format!(
                "{:<52} {seconds:>8.4} s {:>7.2} GB/s",
                describe(*way, threads),
                rate(bytes, seconds)
            );
            if *way != Way::Pooled {
                let _ = write!(row, "  pooled is {:.2} times as fast", seconds / pooled);
            }
            line(&mut text, format_args!("{row}"));
        }
        text
    }
}

fn describe(way: Way, threads: usize) -> String {
    let s = plural(threads);
    match way {
        Way::Pooled => format!(
            "pooled buffers of {} KiB, {threads} thread{s}",
            PART_LEN / 1024
        ),
        Way::Kept => format!("pooled buffers, all kept to the end, {threads} thread{s}"),
        Way::Whole => "std::fs::read, digested by 1 thread".to_owned(),
        Way::WholeParallel => format!("std::fs::read, digested by {threads} thread{s}"),
        Way::VectorEach => format!("a fresh vector for each tensor, {threads} thread{s}"),
    }
}

/// In GB/s. No bytes take no time.
fn rate(bytes: u64, seconds: f64) -> f64 {
    if bytes == 0 {
        0.0
    } else {
        bytes as f64 / 1e9 / seconds
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{line}");
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let median =
            |millis: &[u64]| median(millis.iter().copied().map(Duration::from_millis).collect());
        assert_eq!(median(&[9]), Duration::from_millis(9));
        assert_eq!(median(&[9, 1, 2]), Duration::from_millis(2));
        assert_eq!(median(&[9, 1, 2, 3]), Duration::from_micros(2500));
    }

    #[test]
    fn rates_are_numbers_even_for_nothing() {
        assert_eq!(rate(0, 0.0), 0.0);
        assert_eq!(rate(2_000_000_000, 0.5), 4.0);
    }
}
