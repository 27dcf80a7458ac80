//! Pooled buffers: memory that is lent, wiped when it comes back, and lent again.
//!
//! # Policy
//!
//! * A request gets a block of its size class: at most a quarter longer than asked for, tiny ones aside. Requests
//!   of more than 16 MiB are served exactly, and given back to the system when they are returned.
//! * Memory at rest is all zero. It comes zeroed from the system and is wiped once per loan, on return, as far as it
//!   was exposed. So lending never has to write anything. (Unless the pool is told not to wipe: then lending does.)
//! * A block is looked for in the calling thread's slot of this pool, in the shared store, and then asked of the
//!   system. It is returned to the slot of whatever thread drops it if that thread has one, because it gets buffers from this pool
//!   too or has returned many, and if there is room; and to the store otherwise.
//! * Blocks at rest are bounded. A slot keeps few blocks of each class, of at most 512 KiB together but at least one, and none of
//!   more than 1 MiB. What the store holds beyond its limits in blocks and bytes is given back to the system, as is what nobody
//!   needed for some time.
//! * All memory of a pool counts against its cap. At the cap, what rests anywhere makes room for what is asked for; if
//!   everything is lent, requests wait in line.
//! * Thread exit moves a slot's blocks to the store and frees the slot for another thread. The drop of a pool's last
//!   handle frees everything at rest, wherever it is; a buffer still lent is freed when it is dropped.
//!
//! # Map
//!
//! | file | what it has |
//! |---|---|
//! | `pool` | what users call |
//! | `class` | request length → size class |
//! | `memory` ⚠ | mappings from the system, and how they are protected |
//! | `span` ⚠, `cut` | one mapping and the blocks it is cut into |
//! | `frame` ⚠ | the record of one block; lists of them |
//! | `slot` ⚠ | a thread's stacks of blocks, and how others look into them |
//! | `store` | the lock-free store of all threads |
//! | `ledger` | bytes from the system, and the cap |
//! | `waiters` | the line of those who wait at the cap; the lock |
//! | `lease` ⚠ | which slots a thread has; thread exit |
//! | `home` ⚠ | the pool behind its handles: what keeps what alive, lending, taking back, the end |
//! | `lend`, `grow` ⚠, `give_back` ⚠ | requests that take longer; memory from the system; and back to it |
//! | `eviction` | which class gives up a block |
//! | `buf` ⚠ | the guards users hold |
//! | `config`, `error`, `stats`, `counters` | what goes in and out |
//!
//! Under loom only the protocols are built: `slot`, `store`, `waiters`, `ledger`.

#[cfg(not(zeropool_loom))]
mod buf;
mod class;
#[cfg(not(zeropool_loom))]
mod config;
#[cfg(not(zeropool_loom))]
mod counters;
mod cut;
#[cfg(not(zeropool_loom))]
mod error;
#[cfg(not(zeropool_loom))]
mod eviction;
mod frame;
#[cfg(not(zeropool_loom))]
mod give_back;
#[cfg(not(zeropool_loom))]
mod grow;
#[cfg(not(zeropool_loom))]
mod home;
#[cfg(not(zeropool_loom))]
mod lease;
mod ledger;
#[cfg(not(zeropool_loom))]
mod lend;
#[cfg(not(zeropool_loom))]
mod memory;
#[cfg(not(zeropool_loom))]
mod pool;
mod slot;
#[cfg(not(zeropool_loom))]
mod span;
#[cfg(not(zeropool_loom))]
mod stats;
mod store;
mod waiters;

#[cfg(not(zeropool_loom))]
pub use self::{
    buf::{Buf, BufUninit},
    config::{BufferPoolBuilder, Eviction, Pinning, PoolConfig, Zeroing},
    error::BufError,
    memory::Protections,
    pool::BufferPool,
    stats::BufferStats,
};
#[cfg(not(zeropool_loom))]
pub(crate) use lease::while_working;

#[cfg(all(test, not(zeropool_loom)))]
mod tests;
