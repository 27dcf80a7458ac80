//! The builder: values in, a validated configuration out. Threads are started here and nowhere else.

use super::fork::Price;
use super::pool::Pool;
use super::registry::{Forking, Registry};
use super::submit::Submission;
use crate::buffer::BufferPool;
use crate::build_error::{BuildError, in_range};
use crate::panic::{Payload, catch, discard};
use crate::sync::thread;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

const WORKERS_MAX: usize = 1024;
const STACK_SIZE_DEFAULT: usize = 8 << 20;
const STACK_SIZE_MIN: usize = 64 << 10;
/// On 32-bit systems a quarter of the address space.
const STACK_SIZE_MAX: usize = 1 << if usize::BITS < 64 { 30 } else { 40 };
const HEARTBEAT_DEFAULT: Duration = Duration::from_micros(100);
const HEARTBEAT_MIN: Duration = Duration::from_micros(10);
const HEARTBEAT_MAX: Duration = Duration::from_secs(1);
const THRESHOLD_DEFAULT: u32 = 10;
const THRESHOLD_MAX: u32 = 1000;
const QUEUE_CAPACITY_MAX: usize = 1 << 24;

/// How the tasks of a pool are distributed; for [`Builder::scheduling`].
///
/// # Examples
///
/// ```
/// let pool = zp::Pool::builder().workers(2).scheduling(zp::Scheduling::GlobalFifo).build()?;
/// assert_eq!(pool.scope(|s| s.spawn(|| 6 * 7).join()), 42);
/// assert_eq!(zp::Scheduling::default(), zp::Scheduling::WorkStealing);
/// # Ok::<(), zp::BuildError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Scheduling {
    /// The default. Each worker has deques of its own and takes from the others' when they are empty. What it spawns it runs newest
    /// first; what comes from outside goes through a global queue, first in, first out.
    #[default]
    WorkStealing,
    /// All spawned tasks go through one global queue, first in, first out: no deques of spawned tasks. Whoever waits for a task
    /// or a scope still runs what it waits for itself, out of turn. The arms of joins stay on the deques of their threads, newest
    /// first, as a join needs it.
    ///
    /// What was run out of turn or cancelled leaves an entry in the queue. While such entries are cleared out, which happens when there are
    /// many or a bound is reached, a task that is spawned at that moment may come before older ones.
    GlobalFifo,
    /// As `GlobalFifo`, with a mutex around the queue: to compare with, and in case of doubt about the lock-free one.
    Locked,
}

impl Scheduling {
    const NAMES: [(&str, Self); 3] = [
        ("work-stealing", Self::WorkStealing),
        ("global-fifo", Self::GlobalFifo),
        ("locked", Self::Locked),
    ];
}

/// What a thread from outside does when it spawns a task and the pool's [bounded queue](Builder::queue_capacity) is full.
///
/// Threads that work for the pool, callers that take part included, are never held up: they keep the task themselves.
///
/// # Examples
///
/// ```
/// // The caller runs what there is no room for, so it cannot run ahead.
/// let pool = zp::Pool::builder()
///     .workers(2)
///     .queue_capacity(10)
///     .when_full(zp::WhenFull::RunInCaller)
///     .build()?;
/// let handles: Vec<_> = (0..100).map(|n| pool.spawn(move || n)).collect();
/// assert!(handles.into_iter().all(|handle| handle.wait().is_ok()));
/// assert_eq!(zp::WhenFull::default(), zp::WhenFull::Block);
/// # Ok::<(), zp::BuildError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WhenFull {
    /// The default. It sleeps until there is room; first come, first served, as far as nobody new comes at the right moment, and no
    /// queued task is cancelled or run out of turn: whoever is woken to look for its place and finds none stands at the end again. If
    /// it works for another pool, another thread may work there in its place meanwhile.
    #[default]
    Block,
    /// The task is refused: the handle says [`TaskError::Rejected`](crate::TaskError::Rejected). A borrowed task cannot be
    /// refused; it is left to the end of its scope, and to whoever waits for its handle.
    Fail,
    /// It runs the task at once, before `spawn` returns.
    RunInCaller,
}

/// Functions of the user's that the threads call. Each call is caught.
pub(crate) struct Hooks {
    on_start: Option<Box<dyn Fn(usize) + Send + Sync>>,
    on_exit: Option<Box<dyn Fn(usize) + Send + Sync>>,
}

impl Hooks {
    /// For a pool without threads.
    pub(super) fn none() -> Self {
        Self {
            on_start: None,
            on_exit: None,
        }
    }

    pub(super) fn thread_started(&self, index: usize) {
        Self::call(self.on_start.as_deref(), index);
    }

    pub(super) fn thread_exiting(&self, index: usize) {
        Self::call(self.on_exit.as_deref(), index);
    }

    fn call(hook: Option<&(dyn Fn(usize) + Send + Sync)>, index: usize) {
        if let Some(hook) = hook
            // The standard panic hook has reported it; a thread goes on without its hook.
            && let Err(payload) = catch(|| hook(index))
        {
            discard(payload);
        }
    }
}

/// The configuration of a [`Pool`]; made by [`Pool::builder`].
///
/// # Examples
///
/// ```
/// let pool = zp::Pool::builder()
///     .workers(4)
///     .thread_name(|index| format!("render-{index}"))
///     .stack_size(2 << 20)
///     .build()?;
/// assert_eq!(pool.workers(), 4);
///
/// let error = zp::Pool::builder().workers(0).build().unwrap_err();
/// assert_eq!(error.to_string(), "invalid `workers`: 0; valid: 1 to 1024");
/// # Ok::<(), zp::BuildError>(())
/// ```
#[must_use = "a builder does nothing until `build`"]
pub struct Builder {
    workers: Option<usize>,
    stack_size: usize,
    scheduling: Scheduling,
    queue_capacity: Option<usize>,
    when_full: WhenFull,
    heartbeat: Duration,
    promotion_threshold: u32,
    name: Box<dyn Fn(usize) -> String>,
    hooks: Hooks,
    on_panic: Box<dyn Fn(Payload) + Send + Sync>,
    buffers: Option<BufferPool>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            workers: None,
            stack_size: STACK_SIZE_DEFAULT,
            scheduling: Scheduling::default(),
            queue_capacity: None,
            when_full: WhenFull::default(),
            heartbeat: HEARTBEAT_DEFAULT,
            promotion_threshold: THRESHOLD_DEFAULT,
            name: Box::new(|index| format!("zp-worker-{index}")),
            hooks: Hooks {
                on_start: None,
                on_exit: None,
            },
            // The standard panic hook has reported it where it happened.
            on_panic: Box::new(discard),
            buffers: None,
        }
    }

    /// The parallelism, 1 to 1024: how many threads work when one caller uses the pool, the caller included. Default: what
    /// [`std::thread::available_parallelism`] says.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = Some(workers);
        self
    }

    /// How tasks are distributed. Default: work stealing. Everything else is the same in every mode: waiting, scopes, joins, panics,
    /// shutdown. [`Scheduling`] has an example.
    pub fn scheduling(mut self, scheduling: Scheduling) -> Self {
        self.scheduling = scheduling;
        self
    }

    /// Bounds the global queue: at most so many tasks of each priority wait in it, 1 to 16 777 216. Default: no bound.
    ///
    /// The bound is for threads from outside; what they do when the queue is full, [`Builder::when_full`] says.
    /// [`Pool::try_spawn`] gives the task back in any case. Threads that work for the pool are never held up by it.
    ///
    /// The memory, 48 bytes for each task of the bound (16 for each priority), is taken at once; with [`Scheduling::Locked`], as it is
    /// needed.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::Pool::builder()
    ///     .workers(2)
    ///     .queue_capacity(1000)
    ///     .when_full(zp::WhenFull::RunInCaller)
    ///     .build()?;
    /// let handles: Vec<_> = (0..10_000).map(|n| pool.spawn(move || n)).collect();
    /// assert!(handles.into_iter().enumerate().all(|(n, handle)| handle.wait().ok() == Some(n)));
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn queue_capacity(mut self, tasks: usize) -> Self {
        self.queue_capacity = Some(tasks);
        self
    }

    /// What happens when the queue is full. Without [`Builder::queue_capacity`] it never is. Default: the spawning thread blocks.
    /// [`WhenFull`] has an example.
    pub fn when_full(mut self, policy: WhenFull) -> Self {
        self.when_full = policy;
        self
    }

    /// How soon an idle worker finds what the joins of the others offer, 10 µs to 1 s, rounded up by the operating system's timers. Default:
    /// 100 µs.
    ///
    /// A worker that has just become idle looks all the time for some 20 µs. After that, as long as other threads work for the
    /// pool, one of the idle ones looks at every heartbeat for some milliseconds. If nobody looks, the next offer wakes
    /// somebody. An idle pool has no heartbeat.
    pub fn heartbeat(mut self, heartbeat: Duration) -> Self {
        self.heartbeat = heartbeat;
        self
    }

    /// How many times as long as it takes to offer its arms of joins a thread has to work, 1 to 1000. Default: 10.
    ///
    /// When offering takes a larger part of the time and nobody takes what is on offer, joins become plain calls until an idle
    /// worker asks.
    pub fn promotion_threshold(mut self, threshold: u32) -> Self {
        self.promotion_threshold = threshold;
        self
    }

    /// The stack of each worker thread in bytes, 64 KiB to 1 TiB, or 1 GiB where pointers have 32 bits. Default: 8 MiB, as a
    /// main thread has on Linux, so that a recursion that works there works here.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = bytes;
        self
    }

    /// The name of each worker thread, from its index. Default: `zp-worker-0` and so on.
    pub fn thread_name(mut self, name: impl Fn(usize) -> String + 'static) -> Self {
        self.name = Box::new(name);
        self
    }

    /// Called on each worker thread with its index, before it runs anything. A panic in it is caught.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::Cell;
    ///
    /// thread_local!(static INDEX: Cell<Option<usize>> = const { Cell::new(None) });
    ///
    /// let pool = zp::Pool::builder().workers(2).on_thread_start(|index| INDEX.set(Some(index))).build()?;
    /// assert_eq!(pool.broadcast(|_| INDEX.get()), [Some(0), Some(1)]);
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn on_thread_start(mut self, hook: impl Fn(usize) + Send + Sync + 'static) -> Self {
        self.hooks.on_start = Some(Box::new(hook));
        self
    }

    /// Called on each worker thread with its index, after it has run everything. A panic in it is caught.
    pub fn on_thread_exit(mut self, hook: impl Fn(usize) + Send + Sync + 'static) -> Self {
        self.hooks.on_exit = Some(Box::new(hook));
        self
    }

    /// Called with the payload of a panic that nobody collects: that of an owned task whose handle was dropped, and that of a
    /// destructor, when an owned task is cancelled or its result is dropped with nobody to take it. The standard panic hook has printed its report before. Default: nothing more is done. A panic in it is caught.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    ///
    /// static LOST: AtomicUsize = AtomicUsize::new(0);
    ///
    /// let count = |_| { LOST.fetch_add(1, Relaxed); };
    /// let pool = zp::Pool::builder().workers(1).panic_handler(count).build()?;
    /// drop(pool.spawn(|| panic!("nobody waits")));
    /// pool.wait_idle();
    /// assert_eq!(LOST.load(Relaxed), 1);
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn panic_handler(
        mut self,
        handler: impl Fn(Box<dyn std::any::Any + Send>) + Send + Sync + 'static,
    ) -> Self {
        self.on_panic = Box::new(handler);
        self
    }

    /// The buffer pool from which `#[buf]` parameters are lent. Default: one of the pool's own.
    ///
    /// # Examples
    ///
    /// ```
    /// let buffers = zp::BufferPool::builder().max_bytes(1 << 20).build()?;
    /// let pool = zp::Pool::builder().workers(2).buffers(buffers.clone()).build()?;
    /// let held = pool.buffers().get(100);
    /// assert_eq!(buffers.stats().bytes_in_flight(), held.capacity()); // it is the same pool
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn buffers(mut self, buffers: BufferPool) -> Self {
        self.buffers = Some(buffers);
        self
    }

    /// Starts the pool and its threads. Allocates what they need.
    ///
    /// # Errors
    /// 1. [`BuildError::Invalid`] if a value is out of its range; nothing has been started.
    /// 2. [`BuildError::Thread`] if the system refuses a thread; those already started have ended again.
    pub fn build(self) -> Result<Pool, BuildError> {
        let workers = self.workers.unwrap_or_else(default_workers);
        in_range("workers", workers, 1, WORKERS_MAX)?;
        in_range(
            "stack_size",
            self.stack_size,
            STACK_SIZE_MIN,
            STACK_SIZE_MAX,
        )?;
        in_range("heartbeat", self.heartbeat, HEARTBEAT_MIN, HEARTBEAT_MAX)?;
        in_range(
            "promotion_threshold",
            self.promotion_threshold,
            1,
            THRESHOLD_MAX,
        )?;
        let names = (0..workers)
            .map(|index| checked_name((self.name)(index)))
            .collect::<Result<Vec<_>, _>>()?;
        let capacity = match self.queue_capacity {
            Some(tasks) => {
                in_range("queue_capacity", tasks, 1, QUEUE_CAPACITY_MAX)?;
                u32::try_from(tasks).ok().and_then(NonZeroU32::new)
            }
            None => None,
        };
        let registry = Registry::new(
            workers,
            Forking {
                heartbeat: self.heartbeat,
                promotion_threshold: self.promotion_threshold,
                price: Price::new(self.promotion_threshold),
            },
            self.buffers.unwrap_or_default(),
            self.hooks,
            self.on_panic,
            Submission {
                scheduling: self.scheduling,
                capacity,
                when_full: self.when_full,
            },
        );
        // From here on, dropping the handle ends the threads that were started.
        let pool = Pool::from_registry(registry);
        for (index, name) in names.into_iter().enumerate() {
            let registry = Arc::clone(pool.registry());
            let thread = thread::Builder::new()
                .name(name)
                .stack_size(self.stack_size)
                .spawn(move || registry.run_worker(index))
                .map_err(|source| BuildError::Thread { index, source })?;
            pool.registry().lock_threads().push(thread);
        }
        Ok(pool)
    }

    /// The configuration of the global pool. A bad value is reported on standard error and ignored.
    pub(super) fn from_environment() -> Self {
        Self::from_variables(
            |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()),
            |complaint| eprintln!("zeropool: {complaint}"),
        )
    }

    pub(crate) fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
        mut complain: impl FnMut(String),
    ) -> Self {
        let mut number = |name: &str, min: usize, max: usize| {
            let value = variable(name)?;
            match value.trim().parse::<usize>() {
                Ok(number) if (min..=max).contains(&number) => Some(number),
                _ => {
                    complain(format!("ignoring {name}={value:?}; valid: {min} to {max}"));
                    None
                }
            }
        };
        let mut builder = Self::new();
        builder.workers = number("ZEROPOOL_WORKERS", 1, WORKERS_MAX);
        if let Some(bytes) = number("ZEROPOOL_STACK_SIZE", STACK_SIZE_MIN, STACK_SIZE_MAX) {
            builder.stack_size = bytes;
        }
        let heartbeat = [HEARTBEAT_MIN, HEARTBEAT_MAX].map(|limit| limit.as_micros() as usize);
        if let Some(micros) = number("ZEROPOOL_HEARTBEAT_US", heartbeat[0], heartbeat[1]) {
            builder.heartbeat = Duration::from_micros(micros as u64);
        }
        const SCHEDULING: &str = "ZEROPOOL_SCHEDULING";
        if let Some(value) = variable(SCHEDULING) {
            let named = |&(name, _): &(&str, _)| name == value.trim();
            match Scheduling::NAMES.into_iter().find(named) {
                Some((_, scheduling)) => builder.scheduling = scheduling,
                None => {
                    let valid = Scheduling::NAMES.map(|(name, _)| name).join(", ");
                    complain(format!("ignoring {SCHEDULING}={value:?}; valid: {valid}"));
                }
            }
        }
        builder
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("workers", &self.workers)
            .field("stack_size", &self.stack_size)
            .field("scheduling", &self.scheduling)
            .field("queue_capacity", &self.queue_capacity)
            .field("when_full", &self.when_full)
            .field("heartbeat", &self.heartbeat)
            .field("promotion_threshold", &self.promotion_threshold)
            .finish_non_exhaustive()
    }
}

fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, |count| count.get().min(WORKERS_MAX))
}

fn checked_name(name: String) -> Result<String, BuildError> {
    if name.contains('\0') {
        let valid = "a name without NUL characters";
        return Err(BuildError::invalid("thread_name", name, valid));
    }
    Ok(name)
}

#[cfg(test)]
mod tests;
