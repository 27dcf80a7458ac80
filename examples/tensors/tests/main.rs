//! Runs the `tensors` program on files made for the purpose.
#![cfg(unix)]

mod command_line;
mod corrupt;
mod digests;
#[path = "../../finish.rs"]
mod finish;
mod support;
