//! The pool: who runs tasks, and where they wait.
//!
//! | file | what it has |
//! |---|---|
//! | `pool.rs` | `Pool`: build, install, spawn, shut down |
//! | `global.rs` | the global pool and the functions that use it |
//! | `config.rs` | the builder: values in, a validated configuration out |
//! | `registry.rs` | what the threads of one pool share |
//! | `lease.rs` | desks for threads that are not the pool's own |
//! | `shutdown.rs` | the end of a pool |
//! | `desk.rs`, `atomic_box.rs` | what a thread owns while it works, and its executions |
//! | `worker.rs` | a thread at work, the worker's loop |
//! | `look.rs` | where a worker looks for work, in which order |
//! | `lanes.rs`, `entries.rs` | queues for what is urgent, can wait, or is meant for one worker |
//! | `options.rs`, `placement.rs` | how one task is spawned, and where it goes |
//! | `broadcast.rs` | a call on every worker |
//! | `keep.rs` | what keeps a pool alive for the handles of its owned tasks |
//! | `outside.rs`, `tray.rs` | what threads without a desk use when they spawn |
//! | `stats.rs` | what the threads have done |
//! | `thief.rs` | when a thread takes a fork, and how often it asks for one |
//! | `wait.rs` | how a thread waits and what it may help with |
//! | `current.rs` | where the calling thread is |
//! | `after_fork.rs` | a pool in the child of a fork |
//! | `sole.rs` | one thread at a time works off a queue |
//! | `sleep.rs`, `sleep/set.rs` | who sleeps, who wakes whom, how many may work |
//! | `owner.rs` | a scope's owner at its end: may it work, when does it sleep |
//! | `fork.rs`, `fork/` | how a join offers work |
//! | `join.rs` | `join` in its forms |
//! | `parallel.rs` | what loops that divide themselves need |
//! | `pcall.rs`, `call_site.rs` | calls that run at once or are offered, and what is known about each place that makes them |
//! | `submit.rs` | which queue a spawned task goes to, and what happens when that is full |
//! | `leftovers.rs` | entries of tasks that are claimed already: counted, and cleared out |
//! | `scope.rs`, `scope/end.rs` | borrowed tasks, and the wait at a scope's end |

mod atomic_box;
mod entries;
mod fork;
mod owner;
mod sleep;
mod sole;
mod tray;

#[cfg(not(zeropool_loom))]
mod after_fork;
#[cfg(not(zeropool_loom))]
mod broadcast;
#[cfg(not(zeropool_loom))]
mod call_site;
#[cfg(not(zeropool_loom))]
mod config;
#[cfg(not(zeropool_loom))]
mod current;
#[cfg(not(zeropool_loom))]
mod desk;
#[cfg(not(zeropool_loom))]
mod global;
#[cfg(not(zeropool_loom))]
mod join;
#[cfg(not(zeropool_loom))]
mod keep;
#[cfg(not(zeropool_loom))]
mod lanes;
#[cfg(not(zeropool_loom))]
mod lease;
#[cfg(not(zeropool_loom))]
mod leftovers;
#[cfg(not(zeropool_loom))]
mod look;
#[cfg(not(zeropool_loom))]
mod options;
#[cfg(not(zeropool_loom))]
mod outside;
#[cfg(not(zeropool_loom))]
pub(crate) mod parallel;
#[cfg(not(zeropool_loom))]
mod pcall;
#[cfg(not(zeropool_loom))]
mod placement;
#[cfg(not(zeropool_loom))]
mod pool;
#[cfg(not(zeropool_loom))]
mod registry;
#[cfg(not(zeropool_loom))]
mod scope;
#[cfg(not(zeropool_loom))]
mod shutdown;
#[cfg(not(zeropool_loom))]
mod stats;
#[cfg(not(zeropool_loom))]
mod submit;
#[cfg(not(zeropool_loom))]
mod thief;
#[cfg(not(zeropool_loom))]
mod wait;
#[cfg(not(zeropool_loom))]
mod worker;

#[cfg(not(zeropool_loom))]
pub use self::{
    call_site::{CallSite, CallSiteReport, call_sites},
    config::{Builder, Scheduling, WhenFull},
    fork::JoinSite,
    global::{global, scope, spawn},
    join::join,
    options::SpawnOptions,
    pcall::{Level, PCall, pcall},
    pool::Pool,
    scope::Scope,
    stats::{Stats, ThreadStats},
    submit::TrySpawnError,
};
#[cfg(not(zeropool_loom))]
pub(crate) use self::{
    current::{park, with_context},
    join::{join_at, try_join},
    keep::Kept,
    registry::Registry,
    worker::Worker,
};
