//! The contract and the hard cases, one file per behaviour. Each test has a time limit, so that a hang is a failure.

mod batch_macro;
mod batches;
mod builder;
mod failures;
mod futures;
mod guests;
mod handles;
mod indexed_slots;
mod join;
mod leaks;
mod nesting;
mod offers;
mod panics;
mod pcall;
mod pools;
mod scope;
mod seats;
mod shutdown;
mod slots;
mod sorting;
mod support;
mod task;
mod two_pools;
mod waiting;
mod zero_sized;
