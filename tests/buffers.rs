//! What the buffer pool promises: one file for each group of properties.

mod cap;
mod conservation;
mod places;
mod protections;
mod tasks;
mod tiers;
mod trimming;
mod uninit;
mod zeroes;
