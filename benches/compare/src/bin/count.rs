//! One contender, one row, so many operations, one worker, and nothing else: for counting instructions from outside.
//! `ci/instructions.sh` does.

use clap::Parser;
use compare::contest::Batch;
use compare::group::{GROUPS, Needs, Row};
use compare::peers::Pools;
use std::error::Error;
use std::num::NonZeroUsize;

/// Runs one contender at one row so many times, with one worker, and prints how many joins an operation makes.
#[derive(Debug, Parser)]
#[command(name = "count")]
struct Arguments {
    /// As the tables of `compare` have it
    contender: String,

    /// As `compare --list` has it, GROUP/ROW
    row: String,

    /// So many operations, from 1
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    repeats: u64,

    /// Another size than the row's own, from 1; the row says of what
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    size: Option<u32>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let row = row(&arguments.row)?;
    if row.needs == Needs::Several {
        return Err(format!("{} needs more than one worker", row.name).into());
    }
    let pools = Pools::new(NonZeroUsize::MIN).in_slow_motion();
    let size = arguments.size.map_or(row.size, |size| size as usize);
    let mut contest = (row.make)(&pools, size);
    let names: Vec<&str> = contest.contenders.iter().map(|it| it.name).collect();
    let contender = contest
        .contenders
        .iter_mut()
        .find(|contender| contender.name == arguments.contender)
        .ok_or_else(|| format!("no contender {:?}; valid: {names:?}", arguments.contender))?;
    let done = contender.run(Batch {
        warm: 0,
        timed: arguments.repeats,
    });
    if done.got != contest.expected {
        return Err(format!("expected {}, got {}", contest.expected, done.got).into());
    }
    match contest.joins {
        Some(joins) => println!("joins {joins}"),
        None => println!("joins unknown"),
    }
    Ok(())
}

fn row(name: &str) -> Result<&'static Row, String> {
    GROUPS
        .iter()
        .flat_map(|group| group.rows.iter().map(move |row| (group.name, row)))
        .find(|(group, row)| name.split_once('/') == Some((*group, row.name)))
        .map(|(_, row)| row)
        .ok_or_else(|| format!("no row {name:?}; see `compare --list`"))
}
