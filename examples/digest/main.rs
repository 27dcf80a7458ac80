//! Prints the SHA-256 of every regular file below the given paths, as `sha256sum` does, on all cores.
//!
//! ```text
//! cargo run --release --bin digest -- [--workers N] [PATH…]
//! cargo run --release --bin digest -- --check FILE
//! ```

mod args;
mod check;
mod hash;
mod list;
mod message;
#[path = "../names.rs"]
mod names;
mod progress;
#[path = "../regular.rs"]
mod regular;
mod tree;
mod walk;

use args::Args;
use clap::Parser;
use message::{Problems, reason, say};
use progress::{Beside, Progress};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

/// What a shell reports for a program that SIGPIPE ended, as it ends the coreutils: 128 + 13.
const BROKEN_PIPE: u8 = 141;

/// How much output is gathered before it is written.
const OUTPUT_LEN: usize = 32 * 1024;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // The reader has seen enough. That is no reason to say anything.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(BROKEN_PIPE),
        Err(error) => {
            say(format_args!("write error: {}", reason(&error)));
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all went well; an error is one of standard output.
fn run(args: &Args) -> io::Result<bool> {
    let mut builder = zp::Pool::builder();
    if let Some(workers) = args.workers {
        builder = builder.workers(workers.get());
    }
    let pool = match builder.build() {
        Ok(pool) => pool,
        Err(error) => {
            say(error);
            return Ok(false);
        }
    };
    let progress = Progress::start();
    let problems = Problems::new(&progress);
    let mut out = BufWriter::with_capacity(OUTPUT_LEN, Beside::new(&progress, io::stdout().lock()));

    let (success, files) = match &args.check {
        Some(list) => {
            let outcome = check::check(list, &pool, &progress, &problems, &mut out)?;
            (outcome.is_success(), outcome.files)
        }
        None => {
            let files = digest(args, &pool, &progress, &problems, &mut out)?;
            (!problems.any(), files)
        }
    };
    out.flush()?;
    progress.finish();
    say(progress.summary(files, pool.workers()));
    Ok(success)
}

fn digest(
    args: &Args,
    pool: &zp::Pool,
    progress: &Progress,
    problems: &Problems<'_>,
    out: &mut impl Write,
) -> io::Result<usize> {
    let tree = walk::hash_below(&args.paths, pool, progress, problems);
    let mut hashed = 0;
    for (path, result) in tree.files() {
        match result {
            Ok(digest) => {
                hashed += 1;
                list::write_line(out, digest, path)?;
            }
            Err(error) => problems.report(path, error),
        }
    }
    Ok(hashed)
}
