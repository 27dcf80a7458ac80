//! Random programs of everything the library has, run in parallel and compared with their sequential interpretation.
//!
//! A program is a tree of joins, scopes, spawns, batches, panics, cancellations and buffers ([`program`]), made from a string of bytes
//! ([`input`]): whatever a fuzzer or a seed yields. The interpreter ([`expected`]) knows what each node evaluates to, which panics may
//! come out of it, and whether it runs for certain. The executor ([`parallel`]) does it with the library, on pools that are made from the
//! same bytes ([`pools`]). At the end the balance is drawn ([`balance`]): every node was run once, or not at all where it may be
//! skipped; every value, argument and payload was dropped once; every buffer is home and wiped; the counters agree; the pools work.

pub mod balance;
pub mod batches;
pub mod buffers;
pub mod expected;
pub mod input;
pub mod ledger;
pub mod owned;
pub mod parallel;
pub mod pools;
pub mod program;
pub mod scopes;

use input::Input;
use std::fmt;

/// What a run has done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// Nodes of the program.
    pub nodes: usize,
    /// Tasks that the pools have executed or cancelled.
    pub tasks: u64,
    /// Values, arguments and payloads that were dropped, each once.
    pub tokens: usize,
    /// Panics that were raised.
    pub panics: usize,
    /// Buffers that came home.
    pub buffers: u64,
}

impl std::ops::AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.nodes += other.nodes;
        self.tasks += other.tasks;
        self.tokens += other.tokens;
        self.panics += other.panics;
        self.buffers += other.buffers;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} nodes, {} tasks, {} values, {} panics, {} buffers",
            self.nodes, self.tasks, self.tokens, self.panics, self.buffers
        )
    }
}

/// Makes a program and its pools from `bytes`, runs it, and draws the balance.
///
/// # Panics
/// If anything is not as the sequential interpreter says, or the balance does not come out even.
pub fn run(bytes: &[u8]) -> Report {
    let mut input = Input::new(bytes);
    let config = pools::Config::from_input(&mut input);
    let program = program::Program::from_input(&mut input, &config);
    let expected = expected::Expected::of(&program, &config);
    parallel::run(program, expected, &config)
}

/// What [`run`] would do with these bytes, for a person.
#[must_use]
pub fn describe(bytes: &[u8]) -> String {
    let mut input = Input::new(bytes);
    let config = pools::Config::from_input(&mut input);
    let program = program::Program::from_input(&mut input, &config);
    format!("{config:#?}\n{program}")
}
