//! Tasks that run: annotated functions on a lock-free pool, with borrow-checked results and pooled buffers.

// Under loom only the kernels are built, and each is reached from its models.
#![cfg_attr(zeropool_loom, allow(dead_code, reason = "only the models are built"))]

extern crate self as zp;

mod sync;

mod buffer;
#[cfg(not(zeropool_loom))]
mod macros;
mod panic;
mod queue;
mod runtime;
mod task;

#[cfg(not(zeropool_loom))]
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(not(zeropool_loom))]
pub use buffer::{Buf, BufUninit, BufferPool};
#[cfg(not(zeropool_loom))]
pub use macros::task;
#[cfg(not(zeropool_loom))]
pub use runtime::{BuildError, Builder, Pool, Scheduling, Scope, global, join, scope, spawn};
#[cfg(not(zeropool_loom))]
pub use task::{Context, Handle, JoinHandle, Out, PanicPayload, Priority, Slot, Task, TaskError};
