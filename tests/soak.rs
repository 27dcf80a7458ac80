//! Random programs on random pools, without end, or for `--seconds`; with `--faults` while the system refuses threads and
//! memory now and then and all sleep is disturbed. On a failure it says which seed repeats it.
//!
//! ```text
//! cargo run --release -p zeropool-tests --bin soak -- --seed 1 --seconds 60
//! ```

#[cfg(target_os = "linux")]
#[path = "soak/faults.rs"]
mod faults;
#[path = "soak/options.rs"]
mod options;

use options::Options;
use programs::Report;
use programs::input::bytes_of_seed;
use programs::parallel::text_of;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{process, thread};

/// Longer than any program takes, on a slow machine too.
const LIMIT: Duration = Duration::from_secs(120);

/// The seed that runs, and how many have been run.
static SEED: AtomicU64 = AtomicU64::new(0);
static PROGRAMS: AtomicU64 = AtomicU64::new(0);

/// Ends the process if a program does not end.
fn watch() {
    thread::spawn(|| {
        let mut last = (u64::MAX, Instant::now());
        loop {
            thread::sleep(Duration::from_millis(500));
            let now = PROGRAMS.load(Relaxed);
            if now != last.0 {
                last = (now, Instant::now());
            } else if last.1.elapsed() > LIMIT {
                report_failure(SEED.load(Relaxed), "it does not end");
                process::abort();
            }
        }
    });
}

fn report_failure(seed: u64, what: &str) {
    println!("{}", programs::describe(&bytes_of_seed(seed)));
    println!("FAILED: {what}");
    println!("repeat with: --seed {seed} --programs 1");
}

fn main() -> ExitCode {
    let options = match Options::from_args(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(complaint) => {
            eprintln!("{complaint}");
            return ExitCode::from(2);
        }
    };
    let first = options.seed;
    println!("seed {first}");
    if options.describe {
        println!("{}", programs::describe(&bytes_of_seed(first)));
        return ExitCode::SUCCESS;
    }
    watch();
    #[cfg(target_os = "linux")]
    let disturbance = options.faults.then(faults::Disturbance::begin);
    let (began, mut total) = (Instant::now(), Report::default());
    #[cfg(target_os = "linux")]
    let mut refused = 0;
    let is_over = |programs| match options.programs {
        Some(count) => programs >= count,
        None => options
            .seconds
            .is_some_and(|s| began.elapsed() >= Duration::from_secs(s)),
    };
    let mut programs = 0;
    while !is_over(programs) {
        let seed = first.wrapping_add(programs);
        SEED.store(seed, Relaxed);
        let outcome = catch_unwind(AssertUnwindSafe(|| programs::run(&bytes_of_seed(seed))));
        match outcome {
            Ok(report) => total += report,
            Err(payload) => {
                report_failure(seed, &text_of(&*payload));
                return ExitCode::FAILURE;
            }
        }
        programs += 1;
        PROGRAMS.store(programs, Relaxed);
        #[cfg(target_os = "linux")]
        if options.faults && programs.is_multiple_of(16) {
            match catch_unwind(|| faults::refuse(seed)) {
                Ok(refusals) => refused += refusals,
                Err(payload) => {
                    println!("FAILED while the system refuses: {}", text_of(&*payload));
                    println!("repeat with: --seed {} --programs 16 --faults", seed - 15);
                    return ExitCode::FAILURE;
                }
            }
        }
    }
    #[cfg(target_os = "linux")]
    if let Some(disturbance) = disturbance {
        println!("{} interruptions, {refused} refusals", disturbance.end());
    }
    println!("{programs} programs: {total}, in {:.1?}", began.elapsed());
    ExitCode::SUCCESS
}
