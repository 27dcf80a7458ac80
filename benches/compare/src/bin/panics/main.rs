//! The panic matrix of our tests, against rayon and chili where they have the construct: what becomes of a panic in each place.
//!
//! Each cell runs in a process of its own, several times, since it may abort, crash or hang. Prints a table in Markdown.

#[path = "../../../../../tests/panic_matrix/batches.rs"]
mod batches;
mod chili;
#[path = "../../../../../tests/panic_matrix/joins.rs"]
mod joins;
#[path = "../../../../../tests/panic_matrix/probe.rs"]
mod probe;
mod rayon;
#[path = "../../../../../tests/panic_matrix/run.rs"]
mod run;
#[path = "../../../../../tests/support.rs"]
mod support;
#[path = "../../../../../tests/panic_matrix/table.rs"]
mod table;
#[path = "../../../../../tests/panic_matrix/tasks.rs"]
mod tasks;

use probe::{Probe, lock};
use std::env;
use std::fmt;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use table::{Cell, Fate, cells};

/// How often a cell is run; the worst outcome counts.
const ROUNDS: usize = 5;

/// After so long it is taken to hang.
const LIMIT: Duration = Duration::from_secs(20);

const LIBRARIES: [&str; 3] = ["zeropool", "rayon", "chili"];

/// What became of a cell, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// The library has no such construct, or it cannot be brought there.
    Missing,
    Ok,
    /// Something is never dropped.
    Leaks,
    /// Nobody hears of the panic.
    Silent,
    /// More than one panic arrives.
    Repeats,
    DropsTwice,
    /// It breaks another expectation of the matrix.
    Fails,
    Aborts,
    /// By a signal that is no abort.
    Crashes,
    Hangs,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "–",
            Self::Ok => "ok",
            Self::Leaks => "leaks",
            Self::Silent => "silent",
            Self::Repeats => "repeats",
            Self::DropsTwice => "drops twice",
            Self::Fails => "fails",
            Self::Aborts => "aborts",
            Self::Crashes => "crashes",
            Self::Hangs => "hangs",
        })
    }
}

/// Exit codes of a cell's process.
const CODES: [Verdict; 6] = [
    Verdict::Ok,
    Verdict::Missing,
    Verdict::Leaks,
    Verdict::Silent,
    Verdict::Repeats,
    Verdict::DropsTwice,
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => table(),
        [library, cell] => {
            let verdict = in_this_process(library, cell);
            let code = CODES.iter().position(|&code| code == verdict);
            std::process::exit(
                code.and_then(|code| i32::try_from(code).ok())
                    .unwrap_or(101),
            );
        }
        _ => {
            eprintln!("usage: panics [LIBRARY CELL]");
            std::process::exit(2);
        }
    }
}

/// A row for each construct and place; in a column, the outcomes inline, stolen and cancelled.
fn table() {
    println!("| construct | place | {} |", LIBRARIES.join(" | "));
    println!("|---|---|{}", "---|".repeat(LIBRARIES.len()));
    let mut counts = [(0, 0); LIBRARIES.len()];
    let all: Vec<Cell> = cells().collect();
    for row in all.chunk_by(|a, b| (a.construct, a.place) == (b.construct, b.place)) {
        print!("| {:?} | {:?} |", row[0].construct, row[0].place);
        for (library, count) in LIBRARIES.iter().zip(&mut counts) {
            let texts: Vec<String> = row
                .iter()
                .map(|&cell| {
                    if !cell.fate.is_possible() {
                        return String::new();
                    }
                    let verdict = in_a_process(library, cell);
                    count.0 += usize::from(verdict == Verdict::Ok);
                    count.1 += usize::from(verdict != Verdict::Missing);
                    verdict.to_string()
                })
                .collect();
            print!(" {} |", texts.join(" / ").trim_end_matches([' ', '/']));
        }
        println!();
    }
    let texts = counts.map(|(ok, ran)| format!("{ok} of {ran}"));
    println!("| ok | | {} |", texts.join(" | "));
}

/// The worst of several runs.
fn in_a_process(library: &str, cell: Cell) -> Verdict {
    let mut worst = Verdict::Missing;
    for _ in 0..ROUNDS {
        worst = worst.max(once(library, cell));
        if matches!(worst, Verdict::Missing | Verdict::Hangs) {
            break;
        }
    }
    worst
}

fn once(library: &str, cell: Cell) -> Verdict {
    let mut child = Command::new(env::current_exe().expect("our own path"))
        .args([library, &cell.to_string()])
        .env("RUST_BACKTRACE", "0")
        .stderr(Stdio::piped())
        .spawn()
        .expect("our own program starts");
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            break status;
        }
        if begun.elapsed() > LIMIT {
            child.kill().expect("it is our child");
            child.wait().expect("it is our child");
            return Verdict::Hangs;
        }
        thread::sleep(Duration::from_millis(1));
    };
    let verdict = match status.code() {
        Some(code) => usize::try_from(code)
            .ok()
            .and_then(|code| CODES.get(code).copied())
            .unwrap_or(Verdict::Fails),
        None if is_abort(status) => Verdict::Aborts,
        None => Verdict::Crashes,
    };
    if verdict == Verdict::Fails || (library == "zeropool" && verdict != Verdict::Ok) {
        let mut said = String::new();
        if let Some(mut stderr) = child.stderr.take() {
            let _ = stderr.read_to_string(&mut said);
        }
        eprintln!("{library}, {cell}: {said}");
    }
    verdict
}

#[cfg(unix)]
fn is_abort(status: std::process::ExitStatus) -> bool {
    const SIGABRT: i32 = 6;
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGABRT)
}

#[cfg(not(unix))]
fn is_abort(_: std::process::ExitStatus) -> bool {
    true
}

fn in_this_process(library: &str, name: &str) -> Verdict {
    let cell = cells()
        .find(|cell| cell.to_string() == name)
        .expect("the name of a cell");
    let probe = Arc::new(Probe::new(cell));
    match library {
        "zeropool" => {
            // Stricter than what others are asked: also the threads, the counts, and the pool afterwards.
            run::run(cell, 0);
            return Verdict::Ok;
        }
        "rayon" if rayon::run(&probe) => {}
        "chili" if chili::run(&probe) => {}
        "rayon" | "chili" => return Verdict::Missing,
        _ => panic!("no library {library}; there are {LIBRARIES:?}"),
    }
    judge(&probe)
}

/// For peers: everything is dropped once, and somebody hears of a panic, once. Which one is up to them.
fn judge(probe: &Probe) -> Verdict {
    let drops = probe.ledger.counts();
    if drops.iter().any(|&n| n > 1) {
        return Verdict::DropsTwice;
    }
    let seen = lock(&probe.seen);
    let told = seen.waiter.len() + seen.handler.len();
    let expected = usize::from(probe.cell.fate != Fate::Holder);
    if told < expected {
        return Verdict::Silent;
    }
    if told > 1 {
        return Verdict::Repeats;
    }
    if drops.contains(&0) {
        return Verdict::Leaks;
    }
    Verdict::Ok
}
