//! [`BufferPool`], as users meet it.

use super::buf::{Buf, BufUninit};
use super::class::Class;
use super::config::{PoolConfig, Settings};
use super::error::BufError;
use super::home::{Handle, Loan};
use super::lease;
use super::lend::Patience;
use super::stats::BufferStats;
use std::fmt;
use std::time::Duration;

/// A pool of buffers: get one, and it comes back by itself.
///
/// Cheap to clone; all clones are the same pool. Each thread keeps a few buffers of its own, so that getting and
/// returning one that fits takes a few nanoseconds and no lock; the rest is shared by all threads, lock-free.
/// Buffers at rest are all zero over their full capacity, so no user ever sees another's bytes.
///
/// A pool may be dropped before its buffers. When the last clone is gone, so is the memory of all buffers at
/// rest; those still lent follow when they are dropped.
///
/// # Which call
///
/// | at the cap it … | errors | zeroed, a [`Buf`] | to be filled, a [`BufUninit`] |
/// |---|---|---|---|
/// | waits | panic | [`get`](Self::get) | [`get_uninit`](Self::get_uninit) |
/// | does not wait | are returned | [`try_get`](Self::try_get) | [`try_get_uninit`](Self::try_get_uninit) |
/// | waits for a time | are returned | [`get_timeout`](Self::get_timeout) | [`get_uninit_timeout`](Self::get_uninit_timeout) |
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
///
/// A file, read in pieces:
///
/// ```
/// use std::fs::{File, metadata};
///
/// let pool = zp::BufferPool::new();
/// let mut file = File::open("Cargo.toml")?;
/// let (mut bytes, mut lines) = (0, 0);
/// loop {
///     let part = pool.get_uninit(64 << 10).read_from(&mut file)?;
///     if part.is_empty() {
///         break;
///     }
///     bytes += part.len() as u64;
///     lines += part.iter().filter(|&&byte| byte == b'\n').count();
/// }
/// assert_eq!(bytes, metadata("Cargo.toml")?.len());
/// assert!(lines > 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct BufferPool {
    pub(super) handle: Handle,
}

impl BufferPool {
    /// A new pool, without any memory for buffers yet.
    ///
    /// Costs a few small allocations; a program needs only a few pools. The first one of a process that has threads already may take some
    /// milliseconds on Linux, while the kernel prepares what makes getting a buffer cheap.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::new();
    /// assert_eq!(pool.get(16).len(), 16);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with_settings(PoolConfig::new().into())
    }

    pub(super) fn with_settings(settings: Settings) -> Self {
        Self {
            handle: Handle::new(settings),
        }
    }

    /// Lends a buffer of `len` bytes, all zero.
    ///
    /// The zeros are free here: they were written when the buffer last came back, or by the system.
    /// Asks the system for memory only when neither this thread nor the shared store has a buffer of that size at rest, and always
    /// for more than 16 MiB, which is not pooled. An empty buffer takes no memory.
    ///
    /// Blocks only at the cap ([`PoolConfig::with_max_bytes`]; there is none by default): then it waits until buffers are dropped,
    /// first come, first served, and runs no tasks meanwhile.
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
    /// 1. If `len` is greater than the cap, or than an object can be: [`BufError::TooLarge`].
    /// 2. If the system refuses memory, or to lock or protect it as the pool was told to. [`BufferPool::try_get`] reports all
    ///    of these instead.
    /// 3. In a task of a [`Pool`](crate::Pool), whatever thread runs it, if the wait at the cap takes longer than [`PoolConfig::with_worker_wait`]: the
    ///    buffers may be held by tasks that wait for this one.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn get(&self, len: usize) -> Buf {
        match self.lend(len) {
            Some(loan) => Buf::zeroed(loan, len),
            None => self.lend_after_all(len, lease::is_working()).zeroed(),
        }
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
    #[track_caller]
    pub fn get_uninit(&self, len: usize) -> BufUninit {
        match self.lend(len) {
            Some(loan) => BufUninit::new(Buf::unexposed(loan, len)),
            None => self.lend_after_all(len, lease::is_working()),
        }
    }

    /// As [`BufferPool::get_uninit`], for a task on whatever thread: never waits longer than a worker does.
    #[track_caller]
    pub(crate) fn get_in_task(&self, len: usize) -> BufUninit {
        match self.lend(len) {
            Some(loan) => BufUninit::new(Buf::unexposed(loan, len)),
            None => self.lend_after_all(len, true),
        }
    }

    /// As [`BufferPool::get`], but reports what goes wrong instead of waiting or panicking.
    ///
    /// Never waits for memory. At the cap it looks into what the caches of all threads hold, which takes some microseconds.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::builder().max_bytes(8192).build()?;
    /// let held = (pool.try_get(4096)?, pool.try_get(4096)?);
    /// assert!(matches!(pool.try_get(4096), Err(zp::BufError::Exhausted { .. })));
    /// assert!(matches!(pool.try_get(8193), Err(zp::BufError::TooLarge { .. })));
    /// drop(held);
    /// assert_eq!(pool.try_get(8192)?.len(), 8192);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 1. [`BufError::Exhausted`] at the cap, also if others wait in line.
    /// 2. [`BufError::TooLarge`] if `len` can never be had.
    /// 3. [`BufError::LockFailed`], [`BufError::ProtectFailed`], [`BufError::OutOfMemory`]: what the system refused.
    #[inline]
    pub fn try_get(&self, len: usize) -> Result<Buf, BufError> {
        let loan = self.lend_patiently(len, Patience::None)?;
        Ok(loan.map_or_else(Buf::default, |loan| Buf::zeroed(loan, len)))
    }

    /// As [`BufferPool::get_uninit`], but reports what goes wrong instead of waiting or panicking.
    ///
    /// Costs what [`BufferPool::try_get`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::{Cursor, Error, ErrorKind};
    ///
    /// // A reply of so many bytes, unless there is no room for it.
    /// let pool = zp::BufferPool::builder().max_bytes(4096).build().map_err(Error::other)?;
    /// let receive = |len: usize, stream: Cursor<&[u8]>| -> Result<zp::Buf, Error> {
    ///     let room = pool.try_get_uninit(len).map_err(|error| Error::new(ErrorKind::OutOfMemory, error))?;
    ///     room.read_exact_from(stream)
    /// };
    /// let reply = receive(5, Cursor::new(b"hello, and more"))?;
    /// assert_eq!(reply, b"hello");
    /// let refused = receive(5000, Cursor::new(b"hello")).unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::OutOfMemory);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`BufferPool::try_get`].
    #[inline]
    pub fn try_get_uninit(&self, len: usize) -> Result<BufUninit, BufError> {
        self.lend_uninit_patiently(len, Patience::None)
    }

    /// As [`BufferPool::get`], but waits no longer than `limit` at the cap, and reports what goes wrong.
    ///
    /// First come, first served, together with the other waiters. Runs no tasks meanwhile, on a worker either.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let pool = zp::BufferPool::builder().max_bytes(4096).build()?;
    /// let held = pool.get(4096);
    /// let refused = pool.get_timeout(1, Duration::from_millis(1));
    /// assert!(matches!(refused, Err(zp::BufError::TimedOut { .. })));
    /// drop(held);
    /// assert_eq!(pool.get_timeout(1, Duration::from_secs(1))?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 1. [`BufError::TimedOut`] when the time is up.
    /// 2. As [`BufferPool::try_get`], except `Exhausted`.
    #[inline]
    pub fn get_timeout(&self, len: usize, limit: Duration) -> Result<Buf, BufError> {
        let loan = self.lend_patiently(len, Patience::For(limit))?;
        Ok(loan.map_or_else(Buf::default, |loan| Buf::zeroed(loan, len)))
    }

    /// As [`BufferPool::get_uninit`], but waits no longer than `limit` at the cap, and reports what goes wrong.
    ///
    /// Waits as [`BufferPool::get_timeout`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let pool = zp::BufferPool::builder().max_bytes(4096).build()?;
    /// let held = pool.get(4096);
    /// let refused = pool.get_uninit_timeout(5, Duration::from_millis(1));
    /// assert!(matches!(refused, Err(zp::BufError::TimedOut { .. })));
    /// drop(held);
    /// let room = pool.get_uninit_timeout(5, Duration::from_secs(1))?;
    /// assert_eq!(room.write_from_slice(b"hello"), b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`BufferPool::get_timeout`].
    #[inline]
    pub fn get_uninit_timeout(&self, len: usize, limit: Duration) -> Result<BufUninit, BufError> {
        self.lend_uninit_patiently(len, Patience::For(limit))
    }

    /// Returns a buffer: the same as dropping it. It goes to the pool it came from, whichever that is.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::new();
    /// pool.put(pool.get(100));
    /// assert_eq!(pool.stats().bytes_in_flight(), 0);
    /// ```
    #[inline]
    pub fn put(&self, buf: Buf) {
        drop(buf);
    }

    /// Makes at least `count` buffers of `size` bytes and puts them at rest, so that the first requests find them. They are
    /// made even if the limits of what rests are lower; a buffer that comes back later counts against those.
    ///
    /// The memory is zeroed by the system when it is first touched.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::new();
    /// pool.preallocate(10, 64 << 10)?;
    /// let made = pool.stats().allocations();
    /// let held: Vec<_> = (0..10).map(|_| pool.get(64 << 10)).collect();
    /// assert_eq!((held.len(), pool.stats().allocations()), (10, made));
    /// # Ok::<(), zp::BufError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`BufferPool::try_get`]; also `TooLarge`, with nothing made, if all together exceed the cap, or one has more than
    /// 16 MiB and so would not stay at rest. What was made before another error stays.
    pub fn preallocate(&self, count: usize, size: usize) -> Result<(), BufError> {
        if size == 0 {
            return Ok(());
        }
        self.handle.preallocate(count, size)
    }

    /// Gives all memory at rest back to the system, that in the caches of all threads included. Returns how many bytes.
    ///
    /// What is lent is not touched. Small buffers come from the system several at a time, and go back when none of
    /// those is lent. The cache of a thread that gets or returns a buffer at this very moment may be left out. Takes a lock, but
    /// holds up only requests that need new memory.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::new();
    /// drop(pool.get(1 << 20));
    /// assert_eq!(pool.trim(), 1 << 20);
    /// assert_eq!(pool.stats().bytes_mapped(), 0);
    /// ```
    pub fn trim(&self) -> usize {
        self.handle.home().trim()
    }

    /// Moves what the calling thread has cached of this pool to the shared store, where other threads find it.
    ///
    /// For a thread that will not need buffers for a while. Thread exit does it too.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::new();
    /// drop(pool.get(4096));
    /// assert_eq!(pool.stats().bytes_cached(), 4096);
    /// pool.flush_thread_cache();
    /// assert_eq!((pool.stats().bytes_cached(), pool.stats().bytes_shared()), (0, 4096));
    /// ```
    pub fn flush_thread_cache(&self) {
        lease::flush(self.handle.home());
    }

    /// What the pool has done, and how much memory it has.
    ///
    /// Takes no lock, and costs those who use the pool nothing: it adds up what each thread has counted for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::new();
    /// drop(pool.get(4096));
    /// let buf = pool.get(4096);
    /// let stats = pool.stats();
    /// assert_eq!((stats.allocations(), stats.local_hits()), (1, 1));
    /// assert_eq!(stats.bytes_in_flight(), buf.capacity());
    /// println!("{stats}");
    /// ```
    #[must_use]
    pub fn stats(&self) -> BufferStats {
        self.handle.home().stats()
    }

    /// None for an empty buffer.
    #[inline]
    fn lend_patiently(&self, len: usize, patience: Patience) -> Result<Option<Loan>, BufError> {
        match self.lend(len) {
            Some(loan) => Ok(Some(loan)),
            None if len == 0 => Ok(None),
            None => self.handle.obtain(len, patience).map(Some),
        }
    }

    #[inline]
    fn lend_uninit_patiently(&self, len: usize, patience: Patience) -> Result<BufUninit, BufError> {
        let loan = self.lend_patiently(len, patience)?;
        Ok(loan.map_or_else(BufUninit::default, |loan| {
            BufUninit::new(Buf::unexposed(loan, len))
        }))
    }

    /// A block that the calling thread has at hand.
    #[inline]
    fn lend(&self, len: usize) -> Option<Loan> {
        if len == 0 {
            return None;
        }
        let class = Class::of(len.max(self.handle.home().len_min))?;
        self.handle.lend(class)
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn lend_after_all(&self, len: usize, in_task: bool) -> BufUninit {
        if len == 0 {
            return BufUninit::default();
        }
        let patience = if in_task {
            Patience::For(self.handle.home().settings.worker_wait)
        } else {
            Patience::Forever
        };
        match self.handle.obtain(len, patience) {
            Ok(loan) => BufUninit::new(Buf::unexposed(loan, len)),
            Err(error @ BufError::TimedOut { .. }) => panic!(
                "{error}; a task does not wait longer (`worker_wait`), as the buffers may be held by tasks that wait for it"
            ),
            Err(error) => panic!("{error}"),
        }
    }
}

/// A new pool, as [`BufferPool::new`].
impl Default for BufferPool {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for BufferPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferPool").finish_non_exhaustive()
    }
}
