//! The command line: which rows, how many workers, for how long, into which files.

use clap::Parser;
use compare::group::{GROUPS, Group, Kind, Needs, Row};
use compare::measure::{BATCH, Limits, measure};
use compare::peers::{Pools, STACK_SIZE, WORKERS_MAX};
use compare::report::{Table, csv, versions};
use compare::{allocator, plot, watch};
use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::thread::available_parallelism;
use std::time::Duration;
use std::{env, fs, io, thread};

type Failure = Box<dyn Error + Send + Sync>;

/// zeropool and its peers, interleaved in one process on the same data.
#[derive(Debug, Parser)]
#[command(name = "compare")]
struct Arguments {
    /// Run this group or this row only; may be given several times
    #[arg(long, value_name = "GROUP[/ROW]")]
    only: Vec<String>,

    /// So many threads work; may be given several times [default: 1, and all available cores]
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Vec<NonZeroUsize>,

    /// So many rounds for each row, however long they take, 1 to 100000 [default: 30, or fewer within the budget]
    #[arg(long, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: Option<u32>,

    /// Seconds per row after which no new round begins (5 rounds are run in any case), 1 to 3600
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    budget: u64,

    /// Operations per contender in rows that start from idleness, 1 to 100000; 1000 for figures to publish
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    cold_joins: u32,

    /// Milliseconds of idleness before each of those, 0 to 10000
    #[arg(long, value_name = "MS", default_value_t = 100, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    cold_idle: u64,

    /// Write all figures to this file
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,

    /// Draw a picture per group into this folder
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,

    /// List groups and rows, and run nothing
    #[arg(long)]
    list: bool,
}

fn workers(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|workers: &NonZeroUsize| workers.get() <= WORKERS_MAX)
        .ok_or_else(|| format!("valid: 1 to {WORKERS_MAX}"))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let rows = match chosen(&arguments.only) {
        Ok(rows) => rows,
        Err(complaint) => {
            eprintln!("error: {complaint}");
            return ExitCode::from(2);
        }
    };
    if arguments.list {
        for (group, row) in rows {
            println!(
                "{:<28} {}",
                format!("{}/{}", group.name, row.name),
                row.shows
            );
        }
        return ExitCode::SUCCESS;
    }
    let result = match env::var_os("RUST_MIN_STACK") {
        None => with_large_stacks(),
        // Not on the main thread, whose stack nobody has asked us about.
        Some(_) => match thread::spawn(move || run(&arguments, &rows)).join() {
            Ok(result) => result.map(|()| ExitCode::SUCCESS),
            Err(_) => Err("a contender panicked".into()),
        },
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

/// Runs this program again with a variable that gives every thread, of whatever library, a stack for the deepest row.
fn with_large_stacks() -> Result<ExitCode, Failure> {
    let status = Command::new(env::current_exe()?)
        .args(env::args_os().skip(1))
        .env("RUST_MIN_STACK", STACK_SIZE.to_string())
        .status()?;
    Ok(match status.code() {
        Some(0) => ExitCode::SUCCESS,
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        None => return Err(format!("it was ended: {status}").into()),
    })
}

/// The rows that `only` names, all of them if it names none, each once and in the order of the table.
fn chosen(only: &[String]) -> Result<Vec<(&'static Group, &'static Row)>, String> {
    let all = || {
        GROUPS
            .iter()
            .flat_map(|group| group.rows.iter().map(move |row| (group, row)))
    };
    let names = |choice: &str, group: &Group, row: &Row| match choice.split_once('/') {
        Some((group_name, row_name)) => group_name == group.name && row_name == row.name,
        None => choice == group.name,
    };
    for choice in only {
        if !all().any(|(group, row)| names(choice, group, row)) {
            let valid: Vec<String> = GROUPS
                .iter()
                .map(|group| {
                    let rows: Vec<&str> = group.rows.iter().map(|row| row.name).collect();
                    format!(
                        "  {name}, {name}/ and one of: {}",
                        rows.join(", "),
                        name = group.name
                    )
                })
                .collect();
            return Err(format!(
                "--only {choice}: no such group or row; valid:\n{}",
                valid.join("\n")
            ));
        }
    }
    Ok(all()
        .filter(|(group, row)| {
            only.is_empty() || only.iter().any(|choice| names(choice, group, row))
        })
        .collect())
}

fn run(arguments: &Arguments, rows: &[(&'static Group, &'static Row)]) -> Result<(), Failure> {
    let cores = available_parallelism()?;
    let mut counts = arguments.workers.clone();
    if counts.is_empty() {
        counts = vec![NonZeroUsize::MIN, cores];
    }
    counts.sort_unstable();
    counts.dedup();
    let limits = Limits {
        rounds: arguments.rounds.map(|rounds| rounds as usize),
        batch: BATCH,
        budget: Duration::from_secs(arguments.budget),
        cold_joins: arguments.cold_joins as usize,
        cold_idle: Duration::from_millis(arguments.cold_idle),
    };
    println!(
        "{cores} cores; {} allocator; {}\n",
        allocator::NAME,
        versions()
    );
    watch::start();

    let pools: Vec<Pools> = counts.iter().copied().map(Pools::new).collect();
    let mut tables = Vec::new();
    let mut result = Ok(());
    'rows: for (group, row) in rows {
        // One worker count is enough if it does not matter.
        let enough = match row.needs {
            Needs::Nothing => 1,
            Needs::One | Needs::Several => pools.len(),
        };
        for pools in &pools[..enough] {
            if row.needs == Needs::Several && pools.workers() == 1 {
                continue;
            }
            if row.kind == Kind::Cold {
                note_on_length(row, &limits);
            }
            let mut contest = (row.make)(pools, row.size);
            match measure(row, pools.workers(), &mut contest, &limits) {
                Ok(times) => {
                    let table = Table::new(group.name, row, pools.workers(), &contest, &times);
                    println!("{}", table.text());
                    tables.push(table);
                }
                Err(wrong) => {
                    result = Err(wrong.into());
                    break 'rows;
                }
            }
        }
        if row.needs == Needs::Several && counts == [NonZeroUsize::MIN] {
            println!(
                "{}/{}: left out, it needs more than one worker\n",
                group.name, row.name
            );
        }
    }
    // What was measured before a failure is not lost.
    write_files(arguments, &tables).and(result)
}

fn note_on_length(row: &Row, limits: &Limits) {
    let each = limits.cold_idle * limits.cold_joins as u32;
    if each > Duration::from_secs(10) {
        eprintln!(
            "{}: takes {} s and more for each contender",
            row.name,
            each.as_secs()
        );
    }
}

fn write_files(arguments: &Arguments, tables: &[Table]) -> Result<(), Failure> {
    let named = |path: &PathBuf, error: io::Error| format!("{}: {error}", path.display());
    if let Some(path) = &arguments.csv {
        fs::write(path, csv(tables)).map_err(|error| named(path, error))?;
        println!("written: {}", path.display());
    }
    if let Some(folder) = &arguments.svg {
        for path in
            plot::draw(folder, tables).map_err(|error| format!("{}: {error}", folder.display()))?
        {
            println!("drawn: {}", path.display());
        }
    }
    Ok(())
}
