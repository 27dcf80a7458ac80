//! Tasks that run: annotated functions on a work-stealing pool, with borrow-checked results and pooled buffers.
//!
//! Annotate a plain function with [`#[zp::task]`](macro@task) and it stays a plain function, and also becomes a task with
//! named arguments that may borrow. Start tasks side by side with [`join!`] or in a [`scope`](scope()); results come back through
//! handles or go straight into your variables. Threads that wait run only what they wait for, idle ones sleep, and nothing is
//! allocated in steady state.
//!
//! # Example
//!
//! ```
//! #[zp::task]
//! fn count(text: &str, letter: char, #[buf(256)] seen: &mut [u8]) -> usize {
//!     for byte in text.bytes() {
//!         seen[usize::from(byte)] = 1;
//!     }
//!     if seen.get(letter as usize) == Some(&0) {
//!         return 0;
//!     }
//!     text.chars().filter(|&c| c == letter).count()
//! }
//!
//! let text = String::from("mississippi");
//! let (left, right) = text.split_at(5);
//!
//! // Two calls, potentially in parallel; `_` is lent by the worker.
//! let (a, b) = zp::join!(count(left, 's', _), count(right, 's', _));
//! assert_eq!(a + b, 4);
//!
//! // Spawned in a scope: a handle for one result, a variable for the other.
//! let mut p_count = 0;
//! let i_count = zp::scope(|s| {
//!     s.spawn_into(count { text: &text, letter: 'p' }, &mut p_count);
//!     s.spawn(count { text: &text, letter: 'i' }).join()
//! });
//! assert_eq!((i_count, p_count), (4, 2));
//! ```
//!
//! # I want to …
//!
//! | … | use |
//! |---|---|
//! | run two or more things side by side | [`join!`], [`try_join!`], [`join`](join()) |
//! | make a call that others may take, without choosing | [`pcall!`], [`call_sites`] |
//! | do the same for every item | [`map`], [`each`], [`times`], [`chunks`], [`#[zp::batch]`](macro@batch), [`Batch`] |
//! | sort | [`sort`], [`sort_by_key`], [`sort_unstable`] |
//! | start tasks that borrow, and wait for all of them | [`scope`](scope()), [`Scope::spawn`] |
//! | have results written into my variables | [`Scope::spawn_into`], [`Slot`], [`Out`], [`write!`](crate::write!) |
//! | have many tasks write into one slice | [`Slots`], [`write_indexed!`] |
//! | make a function a task | [`#[zp::task]`](macro@task), [`Task`] |
//! | know the worker, or whether I was cancelled | [`Context`] |
//! | start a task that owns everything, await it | [`spawn`](spawn()), [`Pool::spawn`], [`JoinHandle`] |
//! | say how urgent a task is, or where it had better run | [`Priority`], [`SpawnOptions`], [`Scope::spawn_with`] |
//! | run something once on every worker | [`Pool::broadcast`] |
//! | have a pool of my own | [`Pool::builder`] |
//! | see what the threads did | [`Pool::stats`], [`call_sites`] |
//! | recycle buffers | [`BufferPool`], or a `#[buf(LEN)]` parameter |
//! | bound, protect or tune a pool of buffers | [`BufferPool::builder`], [`PoolConfig`] |
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `bytes` | `Buf::freeze`: a buffer shared as [`bytes::Bytes`](https://docs.rs/bytes), without a copy, that comes home with the last view |
//!
//! None is on by default.
//!
//! # Limits
//!
//! * Scopes and joins borrow, so they block the calling thread. In an async task, spawn an owned task and await its [`JoinHandle`], or
//!   call them as any blocking call, inside the runtime's own "spawn blocking".
//! * Borrowed tasks live in scopes and joins only. A task that outlives its caller owns what it needs.
//! * `workers(n)` is how many threads work when one caller uses the pool. A caller from outside that no worker serves runs its own
//!   work rather than wait.
//! * There are no parallel iterator adaptors: a [`Batch`] is one loop.

// Under loom only the kernels are built, and each is reached from its models.
#![cfg_attr(zeropool_loom, allow(dead_code, reason = "only the models are built"))]

extern crate self as zp;

mod sync;

#[cfg(not(zeropool_loom))]
mod batch;
mod buffer;
#[cfg(not(zeropool_loom))]
mod build_error;
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

// What compiler messages name. Hidden from documentation only: of what is hidden from the compiler too it spells the
// whole path, `zp::__private::Lend` for `Lend`.
#[cfg(not(zeropool_loom))]
#[cfg_attr(doc, doc(hidden))]
#[allow(missing_docs)]
pub mod __named {
    pub use crate::__private::{
        ChunksMut, ChunksRef, EachMut, EachOwned, EachRef, JoinArm, Lend, LentByWorker, PerIndex,
        PerItem, PerTask, Shared, Times, argument_is_send, argument_is_shared, pcall,
        referent_is_sync, run_arms, run_fallible_arms,
    };
    pub use crate::task::LeavesItsThread;
}

#[cfg(not(zeropool_loom))]
pub use batch::{
    Batch, BatchHandle, BatchInto, Body, IntoChunks, IntoSource, LengthError, Progress, Source,
    SpawnBatch, batch_of, chunks, each, map, sort, sort_by, sort_by_key, sort_unstable,
    sort_unstable_by, sort_unstable_by_key, times,
};
#[cfg(not(zeropool_loom))]
pub use buffer::{
    Buf, BufError, BufUninit, BufferPool, BufferPoolBuilder, BufferStats, Eviction, Pinning,
    PoolConfig, Protections, Zeroing,
};
#[cfg(not(zeropool_loom))]
pub use build_error::BuildError;
#[cfg(not(zeropool_loom))]
pub use macros::{batch, task};
#[cfg(not(zeropool_loom))]
pub use runtime::{
    Builder, CallSiteReport, PCall, Pool, Scheduling, Scope, SpawnOptions, Stats, ThreadStats,
    TrySpawnError, WhenFull, call_sites, global, join, scope, spawn,
};
#[cfg(not(zeropool_loom))]
pub use task::{
    Context, Handle, JoinHandle, Out, PanicPayload, Priority, Slot, SlotError, Slots, Task,
    TaskError,
};

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../docs/from-raw-pointers.md")]
struct FromRawPointers;

#[cfg(doctest)]
#[doc = include_str!("../../docs/from-rayon.md")]
struct FromRayon;
