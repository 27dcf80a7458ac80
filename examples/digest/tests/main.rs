//! Runs the `digest` program on trees made for the purpose, and compares it with `sha256sum` where there is one.
#![cfg(unix)]

mod check;
mod command_line;
#[path = "../../finish.rs"]
mod finish;
mod odd_paths;
mod support;
mod tree;
