//! What a pool can be told: [`PoolConfig`] and [`BufferPoolBuilder`], two ways to say the same.
//!
//! All settings stand in one list, from which both are made, and the validated [`Settings`] that the pool reads.

mod check;
mod defaults;

use self::defaults::Defaults;
use super::BufferPool;
use super::memory::{Lock, Protection};
use crate::build_error::BuildError;
use std::time::Duration;

/// Which blocks at rest in the shared store go back to the system when it is full. The default is [`Eviction::ClockPro`].
///
/// # Examples
///
/// ```
/// let pool = zp::BufferPool::builder().eviction(zp::Eviction::Lifo).build()?;
/// assert_eq!(pool.get(4096).len(), 4096);
/// assert_eq!(zp::Eviction::default(), zp::Eviction::ClockPro);
/// # Ok::<(), zp::BuildError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Eviction {
    /// CLOCK-Pro: the sizes that are asked for again and again stay, and a burst of others does not displace them.
    ///
    /// After Jiang, Chen and Zhang, "CLOCK-Pro: An Effective Improvement of the CLOCK Replacement", USENIX ATC 2005.
    #[default]
    ClockPro,
    /// What has come last is lent first, and nothing is recorded about it. The least work when all buffers are of much the
    /// same size.
    Lifo,
}

/// When the bytes of a returned buffer are wiped. The default is [`Zeroing::OnReturn`].
///
/// # Examples
///
/// ```
/// let secrets = zp::PoolConfig::new();
/// assert_eq!(secrets.zeroing(), zp::Zeroing::OnReturn);
/// let frames = zp::BufferPool::with_config(secrets.with_zeroing(zp::Zeroing::Never))?;
/// drop(frames.get_uninit(3).write_from_slice(b"abc"));
/// assert_eq!(frames.get(3), [0; 3]); // zeroed now
/// # Ok::<(), zp::BuildError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Zeroing {
    /// Once, when it is returned, as far as it was exposed. Memory at rest is all zero, and lending costs no zeroing.
    #[default]
    OnReturn,
    /// Not at rest: secrets stay in the pool's memory. Safe code still never sees another user's bytes:
    /// [`BufferPool::get`] zeroes what it lends, and [`BufferPool::get_uninit`] saves even that.
    Never,
}

/// Whether the memory is locked, so that it is never written to swap space. The default is [`Pinning::Off`].
///
/// # Examples
///
/// ```
/// let built = zp::BufferPool::builder().pinned(zp::Pinning::Require).build();
/// match built {
///     // There may be less memory to be locked than this.
///     Ok(pool) => match pool.try_get(32) {
///         Ok(key) => assert!(key.len() == 32 && pool.stats().bytes_pinned() > 0),
///         Err(error) => assert!(matches!(error, zp::BufError::LockFailed { .. })),
///     },
///     Err(_) => assert!(!zp::Protections::available().locking()),
/// }
/// assert_eq!(zp::Pinning::default(), zp::Pinning::Off);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Pinning {
    /// It is not.
    #[default]
    Off,
    /// It is, where the system allows it. [`BufferStats::lock_failures`](crate::BufferStats::lock_failures) counts where
    /// it did not, and [`BufferStats::bytes_pinned`](crate::BufferStats::bytes_pinned) says how much is.
    BestEffort,
    /// It is, or nothing is lent: [`BufError::LockFailed`](crate::BufError::LockFailed).
    Require,
}

/// Makes the settings, in both forms, from one list of: name, name of the setter, type, type of the argument, default.
macro_rules! settings {
    ($(
        $(#[$doc:meta])*
        $name:ident, $with:ident: $type:ty, $argument:ty = $default:expr;
    )*) => {
        /// The settings of a [`BufferPool`] as a value (a [`Pool`](crate::Pool) of threads has its [`Builder`](crate::Builder)): it can be kept,
        /// cloned and compared, and builds any number of pools.
        ///
        /// [`BufferPool::with_config`] checks it. [`BufferPool::builder`] takes the same settings in one expression.
        ///
        /// # Defaults
        ///
        /// Those that depend on the machine, by the number of cores that [`std::thread::available_parallelism`] says:
        ///
        #[doc = include_str!("config/defaults.md")]
        ///
        /// # Examples
        ///
        /// ```
        /// let config = zp::PoolConfig::new()
        ///     .with_max_bytes(64 << 20)
        ///     .with_min_buffer_size(4096);
        /// assert_eq!(config.max_bytes(), Some(64 << 20));
        ///
        /// let requests = zp::BufferPool::with_config(config.clone())?;
        /// let replies = zp::BufferPool::with_config(config.with_exclude_from_dumps(true))?;
        /// assert!(requests.get(100).capacity() >= 100 && replies.get(100).capacity() >= 100);
        /// # Ok::<(), zp::BuildError>(())
        /// ```
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct PoolConfig {
            $($name: $type,)*
        }

        impl PoolConfig {
            fn for_machine(defaults: Defaults) -> Self {
                Self {
                    $($name: $default(&defaults),)*
                }
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub fn $with(mut self, value: $argument) -> Self {
                    self.$name = value.into();
                    self
                }

                #[doc = concat!("What [`PoolConfig::", stringify!($with), "`] has set, or the default.")]
                #[must_use]
                pub fn $name(&self) -> $type {
                    self.$name
                }
            )*
        }

        impl BufferPoolBuilder {
            $(
                $(#[$doc])*
                pub fn $name(mut self, value: $argument) -> Self {
                    self.config.$name = value.into();
                    self
                }
            )*
        }

        /// A configuration that has been checked: every value is in its range, and none contradicts another.
        #[derive(Debug, Clone)]
        pub(super) struct Settings {
            $(pub(super) $name: $type,)*
        }

        impl From<PoolConfig> for Settings {
            fn from(config: PoolConfig) -> Self {
                Self {
                    $($name: config.$name,)*
                }
            }
        }
    };
}

settings! {
    /// How many blocks of each size class a thread keeps for itself, 0 to 1024. Default: [by cores](PoolConfig#defaults).
    ///
    /// Getting a buffer from there takes a few nanoseconds. At most 512 KiB of each class are kept, but at least one block, and
    /// none of more than 1 MiB. With 0 every buffer comes from the shared store and goes there.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().tls_cache_size(0).build()?;
    /// drop(pool.get(4096));
    /// assert_eq!((pool.stats().bytes_cached(), pool.stats().bytes_shared()), (0, 4096));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    tls_cache_size, with_tls_cache_size: usize, usize = |by_cores: &Defaults| by_cores.tls_cache_size;

    /// The least size of a block in bytes, 0 to 16 777 216. Default: 0.
    ///
    /// A request for less gets a block of this size: it wastes memory, and saves it where a few bytes are followed by
    /// many, because the same block serves both. The length of the buffer is what was asked for in any case.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().min_buffer_size(4096).build()?;
    /// let line = pool.get(80);
    /// assert_eq!((line.len(), line.capacity()), (80, 4096));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    min_buffer_size, with_min_buffer_size: usize, usize = |_: &_| 0;

    /// How many blocks rest in one shard of the store, all sizes together, 0 to 1 048 576. Default: [by cores](PoolConfig#defaults).
    ///
    /// What is returned to a full shard goes to another, or what [`Eviction`] chooses goes back to the system. Buffers smaller than a
    /// page, which share pages, count as parts of one. With 0 only the threads keep buffers.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder()
    ///     .tls_cache_size(0)
    ///     .shards(1)
    ///     .max_buffers_per_shard(2)
    ///     .build()?;
    /// drop([pool.get(4096), pool.get(4096), pool.get(4096)]);
    /// assert_eq!(pool.stats().bytes_shared(), 2 * 4096);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    max_buffers_per_shard, with_max_buffers_per_shard: usize, usize = |by_cores: &Defaults| by_cores.max_buffers_per_shard;

    /// Into how many parts the shared store is divided, a power of two from 1 to 256. Default: [by cores](PoolConfig#defaults).
    ///
    /// Each thread has one where it looks first; what others hold is found too. More shards mean less contention, and a longer
    /// search when there is nothing to be found.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().shards(8).build()?;
    /// let error = zp::BufferPool::builder().shards(6).build().unwrap_err();
    /// assert_eq!(error.to_string(), "invalid `shards`: 6; valid: a power of two from 1 to 256");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    shards, with_shards: usize, usize = |by_cores: &Defaults| by_cores.shards;

    /// The cap: how many bytes the pool has of the system, at most. At least one page (4096 bytes on most
    /// systems), rounded down to whole pages. Default: no cap (`None`).
    ///
    /// It counts what is lent, what the threads keep and what is in the shared store. At the cap, [`BufferPool::get`] waits until buffers
    /// are dropped. A request for more than the cap fails.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().max_bytes(1 << 20).build()?;
    /// let held = pool.try_get(1 << 20)?;
    /// assert!(matches!(pool.try_get(1), Err(zp::BufError::Exhausted { .. })));
    /// assert!(matches!(pool.try_get(2 << 20), Err(zp::BufError::TooLarge { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    max_bytes, with_max_bytes: Option<usize>, impl Into<Option<usize>> = |_: &_| None;

    /// How many bytes rest in the shared store, at most. Default: [by cores](PoolConfig#defaults).
    ///
    /// What is returned beyond that goes back to the system. [`PoolConfig::max_bytes`] bounds it too.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder()
    ///     .tls_cache_size(0)
    ///     .max_idle_bytes(8192)
    ///     .build()?;
    /// drop([pool.get(4096), pool.get(4096), pool.get(4096)]);
    /// assert!(pool.stats().bytes_shared() <= 8192);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    max_idle_bytes, with_max_idle_bytes: usize, usize = |by_cores: &Defaults| by_cores.max_idle_bytes;

    /// Which blocks go back to the system when the shared store is full. Default: [`Eviction::ClockPro`].
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().eviction(zp::Eviction::Lifo).build()?;
    /// assert_eq!(pool.get(100).len(), 100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    eviction, with_eviction: Eviction, Eviction = |_: &_| Eviction::default();

    /// When returned buffers are wiped. Default: [`Zeroing::OnReturn`].
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().zeroing(zp::Zeroing::Never).build()?;
    /// pool.get(100).fill(1);
    /// assert_eq!(*pool.get(100), [0; 100]); // zeroed when it is lent
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    zeroing, with_zeroing: Zeroing, Zeroing = |_: &_| Zeroing::default();

    /// Whether the memory is locked, never to be swapped out. Default: [`Pinning::Off`].
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().pinned(zp::Pinning::BestEffort).build()?;
    /// let key = pool.get(32);
    /// let stats = pool.stats();
    /// assert!(stats.bytes_pinned() > 0 || stats.lock_failures() > 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pinned, with_pinned: Pinning, Pinning = |_: &_| Pinning::default();

    /// What the address of every buffer is a multiple of, a power of two from 64 to 1 073 741 824. Default: 64, a cache line.
    ///
    /// 4096 suits direct file I/O. A block takes up at least its alignment.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().alignment(4096).build()?;
    /// assert!(pool.get(100).as_ptr().addr().is_multiple_of(4096));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    alignment, with_alignment: usize, usize = |_: &_| 64;

    /// Asks the system for huge pages, which make large buffers cheaper to walk through. A request; nothing fails without. Default:
    /// false.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().huge_pages(true).alignment(2 << 20).build()?;
    /// assert_eq!(pool.get(2 << 20).len(), 2 << 20);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    huge_pages, with_huge_pages: bool, bool = |_: &_| false;

    /// Puts a page that nobody can touch before and after every block: an overrun in foreign code ends the process. Default: false.
    ///
    /// Each block then takes whole pages, and takes longer to make.
    ///
    /// # Examples
    ///
    /// ```
    /// if zp::Protections::available().guard_pages() {
    ///     let pool = zp::BufferPool::builder().guard_pages(true).build()?;
    ///     assert!(pool.get(100).capacity() >= 4096);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    guard_pages, with_guard_pages: bool, bool = |_: &_| false;

    /// Leaves the memory out of core dumps. Default: false.
    ///
    /// # Examples
    ///
    /// ```
    /// if zp::Protections::available().dump_exclusion() {
    ///     let pool = zp::BufferPool::builder().exclude_from_dumps(true).build()?;
    ///     assert_eq!(pool.get(32).len(), 32);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    exclude_from_dumps, with_exclude_from_dumps: bool, bool = |_: &_| false;

    /// A child made by `fork` reads zeros where the parent's buffers are. Default: false.
    ///
    /// # Examples
    ///
    /// ```
    /// if zp::Protections::available().fork_wiping() {
    ///     let pool = zp::BufferPool::builder().wipe_on_fork(true).build()?;
    ///     assert_eq!(pool.get(32).len(), 32);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    wipe_on_fork, with_wipe_on_fork: bool, bool = |_: &_| false;

    /// What was not needed for so long goes back to the system, 1 ms to 24 h. Default: 10 s. `None`: it stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let pool = zp::BufferPool::builder().idle_decay(Duration::from_secs(60)).build()?;
    /// let keeps_all = zp::BufferPool::builder().idle_decay(None).build()?;
    /// assert!(zp::BufferPool::builder().idle_decay(Duration::ZERO).build().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    idle_decay, with_idle_decay: Option<Duration>, impl Into<Option<Duration>> = |_: &_| Some(Duration::from_secs(10));

    /// How long [`BufferPool::get`] and [`BufferPool::get_uninit`] wait at the cap in a task of a [`Pool`](crate::Pool), whatever thread runs it,
    /// before they panic, 0 to 1 h. Default: 1 s.
    ///
    /// A task that waits for a buffer runs no others meanwhile. If the buffers it waits for are held by tasks that wait for this one, they
    /// never come; the panic says so instead of a hang. Outside of tasks they wait as long as it takes.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let pool = zp::BufferPool::builder()
    ///     .max_bytes(64 << 10)
    ///     .worker_wait(Duration::from_millis(100))
    ///     .build()?;
    /// assert_eq!(pool.get(100).len(), 100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    worker_wait, with_worker_wait: Duration, Duration = |_: &_| Duration::from_secs(1);
}

impl PoolConfig {
    /// The defaults for this machine.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(zp::PoolConfig::new().alignment(), 64);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::for_machine(Defaults::for_this_machine())
    }
}

/// The defaults for this machine, as [`PoolConfig::new`].
impl Default for PoolConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// Settings of a [`BufferPool`], then [`build`](BufferPoolBuilder::build); made by [`BufferPool::builder`].
///
/// The same settings as in [`PoolConfig`], with the same [defaults](PoolConfig#defaults).
///
/// # Examples
///
/// ```
/// let pool = zp::BufferPool::builder()
///     .max_bytes(256 << 20)
///     .alignment(4096)
///     .exclude_from_dumps(true)
///     .build()?;
/// assert!(pool.get(100).as_ptr().addr().is_multiple_of(4096));
///
/// let error = zp::BufferPool::builder().shards(0).build().unwrap_err();
/// assert_eq!(error.to_string(), "invalid `shards`: 0; valid: a power of two from 1 to 256");
/// # Ok::<(), zp::BuildError>(())
/// ```
#[must_use = "a builder does nothing until `build`"]
#[derive(Debug, Clone)]
pub struct BufferPoolBuilder {
    config: PoolConfig,
}

impl BufferPoolBuilder {
    /// Builds the pool. It has no memory for buffers yet.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().tls_cache_size(0).build()?;
    /// assert_eq!(pool.get(16).len(), 16);
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// As [`BufferPool::with_config`].
    pub fn build(self) -> Result<BufferPool, BuildError> {
        BufferPool::with_config(self.config)
    }
}

impl BufferPool {
    /// Settings for a new pool.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().max_bytes(1 << 20).build()?;
    /// assert_eq!(pool.get(1000).len(), 1000);
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn builder() -> BufferPoolBuilder {
        BufferPoolBuilder {
            config: PoolConfig::new(),
        }
    }

    /// A new pool with these settings. It has no memory for buffers yet.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = zp::PoolConfig::new().with_shards(6);
    /// let error = zp::BufferPool::with_config(config).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid `shards`: 6; valid: a power of two from 1 to 256");
    /// ```
    ///
    /// # Errors
    /// 1. [`BuildError::Invalid`] if a value is out of its range, or contradicts another.
    /// 2. [`BuildError::Unavailable`] if this system has no means for a protection that was asked for.
    pub fn with_config(config: PoolConfig) -> Result<Self, BuildError> {
        config.validated().map(Self::with_settings)
    }
}

impl Settings {
    /// How the memory is protected.
    pub(super) fn protection(&self) -> Protection {
        Protection {
            lock: match self.pinned {
                Pinning::Off => Lock::No,
                Pinning::BestEffort => Lock::Try,
                Pinning::Require => Lock::Must,
            },
            huge_pages: self.huge_pages,
            guard_pages: self.guard_pages,
            exclude_from_dumps: self.exclude_from_dumps,
            wipe_on_fork: self.wipe_on_fork,
        }
    }
}

#[cfg(test)]
mod tests;
