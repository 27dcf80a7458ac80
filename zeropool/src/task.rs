//! What a task is.

#[cfg(not(zeropool_loom))]
mod context;
#[cfg(not(zeropool_loom))]
mod definition;

#[cfg(not(zeropool_loom))]
pub use context::Context;
#[cfg(not(zeropool_loom))]
pub use definition::{Priority, Task};
