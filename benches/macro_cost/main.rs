//! What the annotations cost a user at compile time: crates of annotated functions against crates of the same functions without.
//!
//! `cargo run --release -p zeropool-benches --bin macro_cost -- [--rounds N] [--counts 100,1000]`; Linux, as the processor time of the
//! compilers is read from `/proc`. Everything the crates need is built beforehand; then each is built in turn, in the profile `dev`, without
//! a cache of earlier builds, and once more by the compiler's incremental cache after a change of one function.

mod crates;
mod source;

use crates::{Cost, Crates};
use source::{Form, Use};
use std::process::ExitCode;

struct Options {
    rounds: usize,
    counts: Vec<usize>,
}

fn options(mut args: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options {
        rounds: 7,
        counts: vec![100, 1000],
    };
    while let Some(arg) = args.next() {
        let value = args.next()?;
        match arg.as_str() {
            "--rounds" => options.rounds = value.parse().ok().filter(|&rounds| rounds > 0)?,
            "--counts" => {
                let counts = value.split(',').map(|count| count.parse().ok());
                options.counts = counts.collect::<Option<_>>()?;
            }
            _ => return None,
        }
    }
    Some(options)
}

fn main() -> ExitCode {
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("usage: macro_cost [--rounds N] [--counts N,N,…]");
        return ExitCode::from(2);
    };
    let crates = Crates::create(&options.counts);
    println!(
        "seconds, medians of {} rounds; processor time, and the clock in brackets",
        options.rounds
    );
    for (what, cost) in crates.build_once() {
        println!("  once: {what}: {cost}");
    }
    println!("| functions | | plain | annotated | more | more for each |");
    println!("|---|---|---|---|---|---|");
    for usage in [Use::Declared, Use::Called, Use::Changed] {
        // Running a thousand takes a compiler minutes, and says no more than running a hundred.
        let counts = match usage {
            Use::Called => &options.counts[..1],
            Use::Declared | Use::Changed => &options.counts,
        };
        for &count in counts {
            let (mut plain, mut annotated) = (Vec::new(), Vec::new());
            // By turns, so that a change of the machine's speed meets both.
            for _ in 0..options.rounds {
                plain.push(crates.build(Form::Plain, usage, count));
                annotated.push(crates.build(Form::Annotated, usage, count));
            }
            let (plain, annotated) = (Cost::median(&plain), Cost::median(&annotated));
            let more = annotated - plain;
            println!(
                "| {count} | {usage} | {plain} | {annotated} | {more} | {:.2} ms |",
                more.processor * 1e3 / count as f64
            );
        }
    }
    ExitCode::SUCCESS
}
