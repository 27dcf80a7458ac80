//! How long things take: calibrated batches, the contenders in turn, again and again.

use crate::contest::{Batch, Contest};
use crate::group::{Kind, Row};
use crate::watch;
use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

/// [`Limits::batch`] outside tests. It takes the operating system some
/// milliseconds to move a thread that has just woken up to a core of its own; with batches of 2 ms, rayon's figure for two
/// arms of 50 µs was now 53 µs and now 103 µs.
pub const BATCH: Duration = Duration::from_millis(20);

/// Between two contenders: time for the pool of the first one to fall asleep.
const SETTLE: Duration = Duration::from_millis(1);

/// The time budget of a row does not cut it below this.
const ROUNDS_MIN: usize = 5;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How often each contender runs a batch; `None`: up to 30 times within the budget.
    pub rounds: Option<usize>,
    /// A batch lasts at least so long, unless it is one operation that lasts longer: [`BATCH`], if figures are to mean anything.
    pub batch: Duration,
    /// When `rounds` says nothing: no new round of a row begins after this, save for the first five.
    pub budget: Duration,
    /// How many operations each contender of a cold row runs.
    pub cold_joins: usize,
    /// How long nothing happens before each of them.
    pub cold_idle: Duration,
}

/// What was measured of one contender.
#[derive(Debug, Clone)]
pub struct Times {
    /// Operations per batch.
    pub batch: u64,
    /// Nanoseconds per operation, one sample per batch.
    pub samples: Vec<f64>,
}

/// A contender was wrong.
#[derive(Debug)]
pub struct Wrong {
    /// At what.
    pub row: &'static str,
    /// Who.
    pub contender: &'static str,
    /// With how many workers.
    pub workers: usize,
    /// The right result.
    pub expected: u64,
    /// Its result.
    pub got: u64,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            row,
            contender,
            workers,
            expected,
            got,
        } = self;
        write!(
            f,
            "wrong result: row {row}, contender {contender}, workers {workers}: expected {expected}, got {got}"
        )
    }
}

impl std::error::Error for Wrong {}

/// Runs `row` with all its contenders; the answer is in their order.
pub fn measure(
    row: &Row,
    workers: usize,
    contest: &mut Contest<'_>,
    limits: &Limits,
) -> Result<Vec<Times>, Wrong> {
    let mut at = Bench {
        row: row.name,
        workers,
        contest,
    };
    match row.kind {
        Kind::Hot | Kind::Shared | Kind::Baseline => at.hot(limits),
        Kind::Cold => at.cold(limits),
    }
}

struct Bench<'c, 'p> {
    row: &'static str,
    workers: usize,
    contest: &'c mut Contest<'p>,
}

impl Bench<'_, '_> {
    fn run(&mut self, index: usize, batch: Batch) -> Result<Duration, Wrong> {
        let expected = self.contest.expected;
        let contender = &mut self.contest.contenders[index];
        watch::alive(self.row, contender.name);
        let done = contender.run(batch);
        if done.got == expected {
            return Ok(done.time);
        }
        Err(Wrong {
            row: self.row,
            contender: contender.name,
            workers: self.workers,
            expected,
            got: done.got,
        })
    }

    /// The contenders in the order of this round, each one after a pause.
    fn round(&self, round: usize, pause: Duration) -> impl Iterator<Item = usize> + use<> {
        let count = self.contest.contenders.len();
        (0..count).map(move |turn| {
            thread::sleep(pause);
            (round + turn) % count
        })
    }

    fn hot(&mut self, limits: &Limits) -> Result<Vec<Times>, Wrong> {
        let mut times = Vec::new();
        for index in self.round(0, SETTLE) {
            let batch = calibrate(limits.batch, |timed| {
                self.run(index, Batch { warm: 0, timed })
            })?;
            times.push(Times {
                batch,
                samples: Vec::new(),
            });
        }
        let begin = Instant::now();
        for round in 0..limits.rounds.unwrap_or(30) {
            let late = begin.elapsed() >= limits.budget;
            if limits.rounds.is_none() && round >= ROUNDS_MIN && late {
                break;
            }
            for index in self.round(round, SETTLE) {
                let timed = times[index].batch;
                // Until everybody is awake and has a core. Long operations are not run twice for the sake of that.
                let warm = if timed > 1 { timed.div_ceil(4) } else { 0 };
                let time = self.run(index, Batch { warm, timed })?;
                times[index].samples.push(per_operation(time, timed));
            }
        }
        Ok(times)
    }

    fn cold(&mut self, limits: &Limits) -> Result<Vec<Times>, Wrong> {
        let one = Times {
            batch: 1,
            samples: Vec::new(),
        };
        let mut times = vec![one; self.contest.contenders.len()];
        // Pools are started by their first use, which is not what a cold row is about.
        let once = Batch { warm: 0, timed: 1 };
        for index in self.round(0, Duration::ZERO) {
            self.run(index, once)?;
        }
        for round in 0..limits.cold_joins {
            for index in self.round(round, limits.cold_idle) {
                let time = self.run(index, once)?;
                times[index].samples.push(per_operation(time, 1));
            }
        }
        Ok(times)
    }
}

fn per_operation(time: Duration, operations: u64) -> f64 {
    time.as_secs_f64() * 1e9 / operations as f64
}

/// The number of operations that lasts at least as long as a batch should; 1 if one operation does.
pub fn calibrate<E>(
    batch: Duration,
    mut run: impl FnMut(u64) -> Result<Duration, E>,
) -> Result<u64, E> {
    let mut operations = 1;
    // The first operation of all starts threads and faults pages in.
    run(1)?;
    loop {
        let time = run(operations)?;
        if time >= batch {
            return Ok(operations);
        }
        // A quarter more than it seems to take; not too much more, because short measurements are rough.
        let share = time.as_secs_f64().max(1e-9) / batch.as_secs_f64();
        let factor = (1.25 / share).clamp(1.25, 16.0);
        operations = (operations as f64 * factor).ceil() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The batch for operations of so long.
    fn batch(operation: Duration) -> u64 {
        let calibrated: Result<u64, ()> = calibrate(BATCH, |timed| Ok(operation * timed as u32));
        calibrated.expect("nothing fails")
    }

    #[test]
    fn short_operations_fill_a_batch_and_not_much_more() {
        for ns in [1, 3, 100, 777, 10_000, 500_000] {
            let operation = Duration::from_nanos(ns);
            let time = operation * batch(operation) as u32;
            assert!(time >= BATCH && time <= BATCH * 2, "{ns} ns: {time:?}");
        }
    }

    #[test]
    fn a_long_operation_is_a_batch() {
        assert_eq!(batch(BATCH), 1);
        assert_eq!(batch(Duration::from_secs(1)), 1);
    }

    #[test]
    fn an_operation_of_no_time_ends_too() {
        let calls = std::cell::Cell::new(0);
        let calibrated: Result<u64, ()> = calibrate(BATCH, |_| {
            calls.set(calls.get() + 1);
            Ok(if calls.get() < 5 {
                Duration::ZERO
            } else {
                BATCH
            })
        });
        assert!(calibrated.is_ok());
    }

    #[test]
    fn errors_end_the_calibration() {
        assert_eq!(calibrate(BATCH, |_| Err("wrong")), Err("wrong"));
    }
}
