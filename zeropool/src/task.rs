//! What a task is, and what is kept of it while it waits, runs and ends.
//!
//! | file | what it has |
//! |---|---|
//! | `definition.rs` | the `Task` trait |
//! | `context.rs` | what a running task can ask |
//! | `state.rs` | one word: claim, outcome, references |
//! | `latch.rs` | one completion, one waiter |
//! | `waker.rs` | the waker of an awaited task, from its handle to its completer |
//! | `counts.rs` | two words per scope: what its owner counts, and what others do |
//! | `owned.rs` | two words per pool: its owned tasks and their handles |
//! | `block.rs`, `block/` | the erased task in its block, every cast; the right to run it |
//! | `queues.rs` | the crate's queues, typed for tasks |
//! | `group.rs` | whom a task tells that it has ended |
//! | `handle.rs` | what the spawner keeps |
//! | `error.rs` | why a task has no result |
//! | `stop.rs` | from which item on a batch is skipped |
//! | `watch.rs` | what a spawned batch and its handle share |
//! | `slot.rs` | places for results in the caller's memory |
//! | `slots.rs` | a slice of such places, written by index |

pub(crate) mod counts;
pub(crate) mod latch;
pub(crate) mod owned;
pub(crate) mod slots;
pub(crate) mod state;
pub(crate) mod stop;
pub(crate) mod waker;
pub(crate) mod watch;

#[cfg(not(zeropool_loom))]
pub(crate) mod block;
#[cfg(not(zeropool_loom))]
mod context;
#[cfg(not(zeropool_loom))]
mod definition;
#[cfg(not(zeropool_loom))]
mod error;
#[cfg(not(zeropool_loom))]
pub(crate) mod group;
#[cfg(not(zeropool_loom))]
pub(crate) mod handle;
#[cfg(not(zeropool_loom))]
pub(crate) mod queues;
#[cfg(not(zeropool_loom))]
pub(crate) mod slot;

#[cfg(not(zeropool_loom))]
pub use context::{Context, LeavesItsThread};
#[cfg(not(zeropool_loom))]
pub use definition::{Priority, Task};
#[cfg(not(zeropool_loom))]
pub use error::{PanicPayload, TaskError};
#[cfg(not(zeropool_loom))]
pub use handle::{Handle, JoinHandle};
#[cfg(not(zeropool_loom))]
pub use slot::{Out, Slot};
#[cfg(not(zeropool_loom))]
pub use slots::{SlotError, Slots};
