//! Pooled buffers: memory that is lent, wiped when it comes back, and lent again.
//!
//! # Policy
//!
//! * A request gets a block of its size class: at most a quarter longer than asked for, tiny ones aside. Requests
//!   of more than 16 MiB are served exactly, and freed when they are returned.
//! * Memory at rest is all zero. It comes zeroed from the system and is wiped once per loan, on return, as far as it
//!   was exposed. So lending never has to write anything.
//! * A block is looked for in the calling thread's slot of this pool, in the shared store, and then asked of the
//!   system. It is returned to the slot of whatever thread drops it if that thread gets buffers from this pool
//!   too, and to the store otherwise.
//! * Blocks at rest are bounded. The greater limit of "at least one" and the bytes applies:
//!
//! | where | per class | at most |
//! |---|---|---|
//! | slot of a thread | 256 KiB | 7 blocks; none of classes over 1 MiB |
//! | shared store | 16 MiB | 64 blocks per shard; as many shards as hardware threads, rounded up to a power of two, at most 16 |
//!
//! * Thread exit moves a slot's blocks to the store and frees the slot for another thread. The drop of a pool's last
//!   handle frees everything at rest, wherever it is; a buffer still lent is freed when it is dropped.
//!
//! # Map
//!
//! | file | what it has |
//! |---|---|
//! | `class` | request length → size class |
//! | `memory` ⚠ | memory from the system, with what protects secrets |
//! | `block` ⚠ | one piece of system memory; wiping |
//! | `local` ⚠ | a thread's slot; what happens when its pool ends meanwhile |
//! | `shared` ⚠ | the lock-free store of all threads |
//! | `lease` ⚠ | which slots a thread has; thread exit |
//! | `home` ⚠ | the pool behind its handles: lending, taking back, the end |
//! | `buf` ⚠ | the guards users hold |
//! | `config` | what a pool can be told, its defaults and its limits |
//! | `error`, `stats` | why nothing is lent; what was done |
//!
//! Under loom only the two protocols are built: `local` and `shared`.

#[cfg(not(zeropool_loom))]
mod block;
#[cfg(not(zeropool_loom))]
mod buf;
mod class;
#[cfg(not(zeropool_loom))]
mod config;
#[cfg(not(zeropool_loom))]
mod error;
#[cfg(not(zeropool_loom))]
mod home;
#[cfg(not(zeropool_loom))]
mod lease;
mod local;
#[cfg(not(zeropool_loom))]
#[allow(dead_code, reason = "blocks do not take their memory from it yet")]
mod memory;
mod shared;
#[cfg(not(zeropool_loom))]
mod stats;

#[cfg(not(zeropool_loom))]
pub use buf::{Buf, BufUninit};
#[cfg(not(zeropool_loom))]
pub use config::{BufferPoolBuilder, Eviction, Pinning, PoolConfig, Zeroing};
#[cfg(not(zeropool_loom))]
pub use error::BufError;
#[cfg(not(zeropool_loom))]
pub use stats::BufferStats;
#[cfg(not(zeropool_loom))]
pub use memory::Protections;

/// A pool of buffers: get one, and it comes back by itself.
///
/// Cheap to clone; all clones are the same pool. Each thread keeps a few buffers of its own, so that getting and
/// returning one that fits takes a few nanoseconds and no lock; the rest is shared by all threads, lock-free.
/// Buffers at rest are all zero over their full capacity, so no user ever sees another's bytes.
///
/// A pool may be dropped before its buffers. When the last clone is gone, so is the memory of all buffers at
/// rest; those still lent follow when they are dropped.
///
/// # Examples
///
/// ```
/// let pool = zp::BufferPool::new();
/// let mut line = pool.get(80);
/// line[..5].copy_from_slice(b"hello");
///
/// // Owned: it may go to another thread, and be dropped there.
/// let length = std::thread::spawn(move || line.len()).join().unwrap();
/// assert_eq!(length, 80);
/// ```
#[cfg(not(zeropool_loom))]
#[derive(Clone)]
pub struct BufferPool {
    handle: home::Handle,
}

#[cfg(not(zeropool_loom))]
impl BufferPool {
    /// A new pool, without any memory for buffers yet.
    ///
    /// Costs two small allocations; a program needs only a few pools.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::new();
    /// assert_eq!(pool.get(16).len(), 16);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            handle: home::Handle::new(),
        }
    }

    /// Lends a buffer of `len` bytes, all zero.
    ///
    /// Never blocks. The zeros are free here: they were written when the buffer last came back, or by the system.
    /// Allocates only when neither this thread nor the shared store has a buffer of that size at rest, and always
    /// for more than 16 MiB, which is not pooled. An empty buffer allocates nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::new();
    /// let buf = pool.get(4096);
    /// assert_eq!(buf.len(), 4096);
    /// assert!(buf.iter().all(|&byte| byte == 0));
    /// ```
    ///
    /// # Panics
    ///
    /// If `len` is greater than an object can be (`isize::MAX` less alignment). Like `Vec`, aborts the process
    /// if the system has no memory left.
    #[inline]
    #[must_use]
    pub fn get(&self, len: usize) -> Buf {
        self.lend(len).expose()
    }

    /// Lends a buffer of `len` bytes that has to be written before it can be read.
    ///
    /// As cheap as [`BufferPool::get`]. What is saved is the wiping afterwards, if the buffer turns out not to be
    /// needed and is dropped untouched.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::new();
    /// let buf = pool.get_uninit(3).write_from_slice(b"abc");
    /// assert_eq!(*buf, *b"abc");
    /// ```
    ///
    /// # Panics
    ///
    /// As [`BufferPool::get`].
    #[inline]
    #[must_use]
    pub fn get_uninit(&self, len: usize) -> BufUninit {
        BufUninit::new(self.lend(len))
    }

    #[inline]
    fn lend(&self, len: usize) -> Buf {
        match class::Class::of(len) {
            Some(class) => {
                let (block, origin) = self.handle.lend(class);
                Buf::unexposed(block, Some(origin), len)
            }
            None => Buf::unexposed(block::Block::zeroed(len), None, len),
        }
    }
}

/// A new pool, as [`BufferPool::new`].
#[cfg(not(zeropool_loom))]
impl Default for BufferPool {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(not(zeropool_loom))]
impl std::fmt::Debug for BufferPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BufferPool").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(zeropool_loom)))]
mod tests;
