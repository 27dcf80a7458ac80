//! Runs the `tensors` program on files made for the purpose.
#![cfg(unix)]

mod command_line;
mod corrupt;
mod digests;
mod support;
