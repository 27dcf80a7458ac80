//! Loads a file of tensors in parallel through pooled buffers, and compares that with loading it into fresh vectors.
//!
//! ```text
//! cargo run --release --bin tensors -- [FILE] [--threads N] [--runs N] [--digests]
//! cargo run --release --bin tensors -- --size BYTES
//! ```

mod args;
mod compare;
mod file;
mod generate;
mod header;
mod load;
#[path = "../names.rs"]
mod names;
mod progress;
#[path = "../regular.rs"]
mod regular;

use args::Args;
use clap::Parser;
use file::TensorFile;
use names::{quote, reason};
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

/// What a shell reports for a program that SIGPIPE ended, as it ends the coreutils: 128 + 13.
const BROKEN_PIPE: u8 = 141;

fn main() -> ExitCode {
    let report = match run(&Args::parse()) {
        Ok(report) => report,
        Err(line) => {
            say(line);
            return ExitCode::FAILURE;
        }
    };
    // All at once and only now: what could fail has not, so nothing is left half printed.
    match io::stdout().write_all(report.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has seen enough. That is no reason to say anything.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(BROKEN_PIPE),
        Err(error) => {
            say(format_args!("write error: {}", reason(&error)));
            ExitCode::FAILURE
        }
    }
}

/// Returns what is to be printed, or the line that says why there is nothing to print.
fn run(args: &Args) -> Result<String, String> {
    let mut builder = zp::Pool::builder().buffers(load::buffers());
    if let Some(threads) = args.threads {
        builder = builder.workers(threads.get());
    }
    let pool = builder.build().map_err(|error| error.to_string())?;

    let path = match &args.file {
        Some(path) => path.clone(),
        None => {
            let path = generate::path(args.size);
            let made = generate::ensure(&path, args.size).map_err(|error| named(&path, &error))?;
            if made {
                say(format_args!(
                    "{} was made, and is kept for the next run",
                    quote(path.as_os_str().as_encoded_bytes())
                ));
            }
            path
        }
    };
    let of_file = |error: &io::Error| named(&path, error);
    let file = TensorFile::open(&path).map_err(|error| of_file(&error))?;
    let outcome =
        compare::compare(&file, &pool, args.runs.get()).map_err(|error| of_file(&error))?;
    Ok(outcome.report(&file, pool.workers(), args.digests))
}

/// The file and what is wrong with it, on one line.
fn named(path: &Path, error: &io::Error) -> String {
    let name = path.as_os_str().as_encoded_bytes();
    format!("{}: {}", quote(name), reason(error))
}

/// Writes one line under the program's name. Nobody is left to tell if that fails.
fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "tensors: {line}");
}
