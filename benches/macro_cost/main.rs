//! What the annotations cost a user at compile time: crates of annotated functions against crates of the same functions without.
//!
//! `cargo run --release -p zeropool-benches --bin macro_cost -- [--rounds N] [--counts 100,1000]`; Linux, as the processor time of the
//! compilers is read from `/proc`. Everything the crates need is built beforehand; then each is built in turn, in the profile `dev`, without
//! a cache of earlier builds, and once more by the compiler's incremental cache after a change of one function.

mod crates;
mod source;

use clap::Parser;
use crates::{Cost, Crates};
use source::{Form, Use};

/// What the annotations of zeropool cost at compile time.
#[derive(Parser)]
struct Options {
    /// So many builds of each crate, 1 to 1000; medians are printed
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// Crates with so many functions, each 1 to 100000
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', default_values_t = [100, 1000],
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    counts: Vec<u32>,
}

fn main() {
    let options = Options::parse();
    let counts = Vec::from_iter(options.counts.iter().map(|&count| count as usize));
    let crates = Crates::create(&counts);
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
            Use::Called => &counts[..1],
            Use::Declared | Use::Changed => &counts[..],
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
}
