//! Random pools of threads and of buffers.

use crate::input::Input;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use zp::{BufferPool, Eviction, Scheduling, WhenFull, Zeroing};

/// The cap of the buffers for which everybody waits in line.
pub const LINE_BYTES: usize = 16 << 10;

/// What a run is given.
#[derive(Debug)]
pub struct Config {
    /// One pool, or two that work for each other.
    pub pools: Vec<PoolChoice>,
    /// Without a cap: from these, anything may be held while waiting.
    pub open: BufferChoice,
    /// With a small cap: from these, nobody waits for ever.
    pub capped: BufferChoice,
    /// How the program is begun.
    pub entry: Entry,
    /// How the first pool ends.
    pub end: End,
}

/// How a program is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Under `Pool::install`.
    Install,
    /// As the body of a scope.
    Scope,
    /// As an owned task, waited for.
    Spawn,
    /// As an owned task, awaited by another executor.
    Await,
}

/// How a pool ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its last handle is dropped.
    Drop,
    /// `Pool::shutdown`, with tasks pending.
    Shutdown,
    /// `Pool::shutdown_now`, with tasks pending.
    ShutdownNow,
}

/// A pool of threads.
#[derive(Debug)]
pub struct PoolChoice {
    /// 1 to 4.
    pub workers: usize,
    scheduling: Scheduling,
    queue_capacity: Option<usize>,
    /// What happens when the queue is full.
    pub when_full: WhenFull,
    heartbeat_us: usize,
    promotion_threshold: usize,
    hooks_panic: bool,
}

/// A pool of buffers.
#[derive(Debug)]
pub struct BufferChoice {
    /// The cap.
    pub max_bytes: Option<usize>,
    tls_cache_size: usize,
    shards: usize,
    max_buffers_per_shard: usize,
    min_buffer_size: usize,
    max_idle_bytes: Option<usize>,
    eviction: Eviction,
    zeroing: Zeroing,
    alignment: usize,
    idle_decay_ms: Option<usize>,
}

/// Calls of a pool's hooks.
#[derive(Debug, Default)]
pub struct HookCalls {
    /// Threads that have begun.
    pub started: AtomicUsize,
    /// Threads that have ended.
    pub exited: AtomicUsize,
}

impl Config {
    /// Within what the program can be sure to get through with.
    pub fn from_input(input: &mut Input<'_>) -> Self {
        let two = input.once_in(3);
        Self {
            pools: (0..=usize::from(two))
                .map(|_| PoolChoice::from_input(input, two))
                .collect(),
            open: BufferChoice::from_input(input, None),
            capped: {
                let cap = 8192 * (1 + input.below(32));
                BufferChoice::from_input(input, Some(cap))
            },
            entry: input.one_of(&[Entry::Install, Entry::Scope, Entry::Spawn, Entry::Await]),
            end: input.one_of(&[End::Drop, End::Shutdown, End::ShutdownNow]),
        }
    }

    /// An owned task may be refused.
    #[must_use]
    pub fn may_refuse(&self) -> bool {
        self.pools
            .iter()
            .any(|pool| pool.queue_capacity.is_some() && pool.when_full == WhenFull::Fail)
    }
}

impl PoolChoice {
    fn from_input(input: &mut Input<'_>, two: bool) -> Self {
        let when_full = [WhenFull::Fail, WhenFull::RunInCaller, WhenFull::Block];
        // Two pools may wait for room in each other: only one that has others may block.
        let when_full = input.one_of(&when_full[..if two { 2 } else { 3 }]);
        Self {
            workers: 1 + input.below(4),
            scheduling: input.one_of(&[
                Scheduling::WorkStealing,
                Scheduling::GlobalFifo,
                Scheduling::Locked,
            ]),
            queue_capacity: input.once_in(3).then(|| 1 + input.below(16)),
            when_full,
            heartbeat_us: input.one_of(&[100, 10, 1000, 50_000]),
            promotion_threshold: input.one_of(&[10, 1, 100, 1000]),
            hooks_panic: input.once_in(8),
        }
    }

    /// Starts the pool.
    ///
    /// # Panics
    /// If that is refused.
    pub fn build(
        &self,
        buffers: BufferPool,
        calls: &Arc<HookCalls>,
        on_panic: impl Fn(Box<dyn std::any::Any + Send>) + Send + Sync + 'static,
    ) -> zp::Pool {
        let (started, exited) = (Arc::clone(calls), Arc::clone(calls));
        let panics = self.hooks_panic;
        // Not reported: there would be thousands.
        let fail = move || {
            if panics {
                std::panic::resume_unwind(Box::new("a hook panics"));
            }
        };
        let mut builder = zp::Pool::builder()
            .workers(self.workers)
            .scheduling(self.scheduling)
            .when_full(self.when_full)
            .heartbeat(Duration::from_micros(self.heartbeat_us as u64))
            .promotion_threshold(u32::try_from(self.promotion_threshold).unwrap_or(1))
            .buffers(buffers)
            .panic_handler(move |payload| {
                on_panic(payload);
                fail();
            })
            .on_thread_start(move |_| {
                started.started.fetch_add(1, SeqCst);
                fail();
            })
            .on_thread_exit(move |_| {
                exited.exited.fetch_add(1, SeqCst);
                fail();
            });
        if let Some(tasks) = self.queue_capacity {
            builder = builder.queue_capacity(tasks);
        }
        match builder.build() {
            Ok(pool) => pool,
            Err(error) => panic!("no pool: {error}"),
        }
    }
}

impl BufferChoice {
    fn from_input(input: &mut Input<'_>, max_bytes: Option<usize>) -> Self {
        Self {
            max_bytes,
            tls_cache_size: input.one_of(&[8, 0, 1, 64]),
            shards: input.one_of(&[1, 2, 8]),
            max_buffers_per_shard: input.one_of(&[64, 0, 1, 1000]),
            min_buffer_size: input.one_of(&[0, 64, 4096]),
            max_idle_bytes: input.one_of(&[None, Some(0), Some(1 << 16)]),
            eviction: input.one_of(&[Eviction::ClockPro, Eviction::Lifo]),
            zeroing: input.one_of(&[Zeroing::OnReturn, Zeroing::OnReturn, Zeroing::Never]),
            alignment: input.one_of(&[64, 64, 256, 4096]),
            idle_decay_ms: input.one_of(&[Some(10_000), Some(1), None]),
        }
    }

    /// Makes the pool.
    ///
    /// # Panics
    /// If the configuration is refused.
    #[must_use]
    pub fn build(&self) -> BufferPool {
        let mut builder = BufferPool::builder()
            .max_bytes(self.max_bytes)
            .tls_cache_size(self.tls_cache_size)
            .shards(self.shards)
            .max_buffers_per_shard(self.max_buffers_per_shard)
            .min_buffer_size(self.min_buffer_size)
            .eviction(self.eviction)
            .zeroing(self.zeroing)
            .alignment(self.alignment)
            .idle_decay(
                self.idle_decay_ms
                    .map(|ms| Duration::from_millis(ms as u64)),
            )
            // What waits, waits for one that holds nothing else; but the machine may be slow.
            .worker_wait(Duration::from_secs(60));
        if let Some(bytes) = self.max_idle_bytes {
            builder = builder.max_idle_bytes(bytes);
        }
        match builder.build() {
            Ok(pool) => pool,
            Err(error) => panic!("no buffers: {error}"),
        }
    }
}
