//! Procedural macros of the `zeropool` crate.
#![forbid(unsafe_code)]
