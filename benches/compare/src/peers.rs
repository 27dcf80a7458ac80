//! The pools of every library, made once per worker count, and `join` and loops in the words of each.
//!
//! "N workers" means that N threads work, in total, while a row runs:
//!
//! | library | threads started | the caller |
//! |---|---|---|
//! | zeropool | N | works in the place of one of them; besides them only while it runs a task whose handle it waits for |
//! | rayon, paralight, orx-parallel, zero-pool | N | sleeps |
//! | chili | N - 1, and one that only sets flags every 100 µs | works |
//! | forte, bevy_tasks | N - 1 | works |
//! | `std::thread::scope` | one per join | works |
//!
//! Every thread has the stack that `RUST_MIN_STACK` says, which `main.rs` sets; zeropool, which does not look at it, is
//! told the same.

mod forks;
mod loops;
mod outside;

#[cfg(feature = "forte")]
pub use forks::Forte;
pub use forks::{Bevy, Chili, FirstFirst, Rayon, SecondFirst, StdScope, Zp};
pub use loops::Plain;
pub use outside::{Orx, Paralight, StdChunks, ZeroPool};

use crate::join::tree::Node;
use paralight::threads::{CpuPinningPolicy, RangeStrategy, ThreadCount, ThreadPoolBuilder};
use std::cell::{OnceCell, RefCell, RefMut};
use std::fmt;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

/// Stack of each thread in bytes: the rows with the deepest recursion need some MiB in the hungriest library.
pub const STACK_SIZE: usize = 64 << 20;

/// The most workers that can be asked for.
pub const WORKERS_MAX: usize = 256;

/// What a contender is to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// zeropool.
    Us,
    /// Another library.
    Peer,
    /// No library at all.
    Sequential,
}

/// Which arm of a join a contender runs first if nobody takes the other one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The first arm.
    First,
    /// The second arm.
    Second,
}

/// What a library passes to the arms of a join.
///
/// `Life` is always `&'a &'b ()`: it brings two lifetimes and the knowledge that `'b` outlives `'a`, which chili's
/// `&'a mut Scope<'b>` needs and which cannot be said in a `for<'a, 'b>`.
pub trait Context<Life> {
    /// What is passed.
    type Cx;
}

/// What the library `J` passes to an arm.
pub type Cx<'a, 'b, J> = <J as Context<&'a &'b ()>>::Cx;

/// A library, or a way of doing without, and how one gets to where its work is done.
pub trait Library: for<'a, 'b> Context<&'a &'b ()> + 'static {
    /// What it is called in tables.
    const NAME: &'static str;
    /// What it is to the others.
    const ROLE: Role;

    /// The same context once more, for a second operation after the first.
    fn again<'x, 'a, 'b>(cx: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self>;

    /// Runs `f` where the library's own tasks run; for libraries without such a place, on the calling thread.
    fn inside<F, R>(pools: &Pools, f: F) -> R
    where
        F: for<'a, 'b> FnOnce(Cx<'a, 'b, Self>) -> R + Send,
        R: Send;

    /// Runs `f` as a thread that does not belong to the library would: nothing is kept from one call to the next.
    fn outside<F, R>(pools: &Pools, f: F) -> R
    where
        F: for<'a, 'b> FnOnce(Cx<'a, 'b, Self>) -> R + Send,
        R: Send,
    {
        Self::inside(pools, f)
    }

    /// False if the library cannot have so many workers.
    fn can_have(_workers: usize) -> bool {
        true
    }
}

/// A library that can join, or one of the two ways of doing without.
pub trait Join: Library {
    /// Which arm it runs first.
    const ORDER: Order;

    /// Runs both arms, potentially in parallel.
    fn join<A, B, RA, RB>(cx: Cx<'_, '_, Self>, a: A, b: B) -> (RA, RB)
    where
        A: for<'a, 'b> FnOnce(Cx<'a, 'b, Self>) -> RA + Send,
        B: for<'a, 'b> FnOnce(Cx<'a, 'b, Self>) -> RB + Send,
        RA: Send,
        RB: Send;

    /// The sum over a tree of boxes, in the words of the library.
    fn sum_of_tree(cx: Cx<'_, '_, Self>, node: &Node) -> u64 {
        let (left, right) = Self::join(
            cx,
            |cx| {
                node.left
                    .as_deref()
                    .map_or(0, |left| Self::sum_of_tree(cx, left))
            },
            |cx| {
                node.right
                    .as_deref()
                    .map_or(0, |right| Self::sum_of_tree(cx, right))
            },
        );
        node.size + left + right
    }
}

/// A library with loops or batches, or the plain loop. Written with the means that the library offers for it, and entered
/// with what that needs: vectors of parameters and of chunks are part of the price.
pub trait Loops: Library {
    /// Calls `f` with each number below `n`.
    fn times<F>(cx: Cx<'_, '_, Self>, n: usize, f: F)
    where
        F: Fn(usize) + Send + Sync;

    /// Writes the value of `f` at `i` to place `i`.
    fn fill<F>(cx: Cx<'_, '_, Self>, places: &mut [u64], f: F)
    where
        F: Fn(usize) -> u64 + Send + Sync;

    /// Makes a vector of the values of `f` at all numbers below `n`.
    fn collect<F>(cx: Cx<'_, '_, Self>, n: usize, f: F) -> Vec<u64>
    where
        F: Fn(usize) -> u64 + Send + Sync;

    /// Changes each number in its place.
    fn each<F>(cx: Cx<'_, '_, Self>, numbers: &mut [f32], f: F)
    where
        F: Fn(&mut f32) + Send + Sync;

    /// Makes a vector of the values of `f` at each number.
    fn map<F>(cx: Cx<'_, '_, Self>, numbers: &[f32], f: F) -> Vec<f32>
    where
        F: Fn(f32) -> f32 + Send + Sync;

    /// The sum, in whatever order.
    fn sum(cx: Cx<'_, '_, Self>, numbers: &[f32]) -> f32;
}

/// The pools of all libraries for one worker count. Each is started when it is first used.
pub struct Pools {
    workers: NonZeroUsize,
    slow_motion: bool,
    zp: OnceCell<zp::Pool>,
    rayon: OnceCell<rayon::ThreadPool>,
    chili: OnceCell<chili::ThreadPool>,
    #[cfg(feature = "forte")]
    forte: OnceCell<&'static forte::ThreadPool>,
    bevy: OnceCell<bevy_tasks::TaskPool>,
    paralight: OnceCell<RefCell<paralight::threads::ThreadPool>>,
    paralight_fixed: OnceCell<RefCell<paralight::threads::ThreadPool>>,
    orx: OnceCell<orx_parallel::BasicPool>,
    zero_pool: OnceCell<zero_pool::ZeroPool>,
}

impl Pools {
    /// Pools of so many workers; nothing is started yet.
    pub fn new(workers: NonZeroUsize) -> Self {
        Self {
            workers,
            slow_motion: false,
            zp: OnceCell::new(),
            rayon: OnceCell::new(),
            chili: OnceCell::new(),
            #[cfg(feature = "forte")]
            forte: OnceCell::new(),
            bevy: OnceCell::new(),
            paralight: OnceCell::new(),
            paralight_fixed: OnceCell::new(),
            orx: OnceCell::new(),
            zero_pool: OnceCell::new(),
        }
    }

    /// How many threads work.
    pub fn workers(&self) -> usize {
        self.workers.get()
    }

    /// For a run under an emulator, where everything takes some fifty times as long: what libraries decide by the clock is to come out
    /// as it would otherwise.
    #[must_use]
    pub fn in_slow_motion(mut self) -> Self {
        self.slow_motion = true;
        self
    }

    /// zeropool.
    pub fn zp(&self) -> &zp::Pool {
        self.zp.get_or_init(|| {
            let mut builder = zp::Pool::builder()
                .workers(self.workers())
                .stack_size(STACK_SIZE);
            if self.slow_motion {
                builder = builder.promotion_threshold(1000);
            }
            builder
                .build()
                .unwrap_or_else(|error| panic!("zeropool: {error}"))
        })
    }

    /// rayon.
    pub fn rayon(&self) -> &rayon::ThreadPool {
        self.rayon.get_or_init(|| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(self.workers())
                .build()
                .unwrap_or_else(|error| panic!("rayon: {error}"))
        })
    }

    /// chili.
    pub fn chili(&self) -> &chili::ThreadPool {
        self.chili.get_or_init(|| {
            chili::ThreadPool::with_config(chili::Config {
                thread_count: Some(self.workers),
                ..chili::Config::default()
            })
        })
    }

    /// forte. Its pools are static; the threads of this one end with the process.
    #[cfg(feature = "forte")]
    pub fn forte(&self) -> &'static forte::ThreadPool {
        self.forte.get_or_init(|| {
            let pool: &'static _ = Box::leak(Box::new(forte::ThreadPool::new()));
            pool.resize_to(self.workers() - 1);
            pool
        })
    }

    /// bevy_tasks.
    pub fn bevy(&self) -> &bevy_tasks::TaskPool {
        self.bevy.get_or_init(|| {
            bevy_tasks::TaskPoolBuilder::new()
                .num_threads(self.workers() - 1)
                .build()
        })
    }

    /// paralight, which wants its pool exclusively, with items that move between threads.
    pub fn paralight(&self) -> RefMut<'_, paralight::threads::ThreadPool> {
        self.paralight_with(&self.paralight, RangeStrategy::WorkStealing)
    }

    /// paralight with a share for each thread and nothing else, which is what it advises for small items.
    pub fn paralight_fixed(&self) -> RefMut<'_, paralight::threads::ThreadPool> {
        self.paralight_with(&self.paralight_fixed, RangeStrategy::Fixed)
    }

    fn paralight_with<'p>(
        &self,
        pool: &'p OnceCell<RefCell<paralight::threads::ThreadPool>>,
        range_strategy: RangeStrategy,
    ) -> RefMut<'p, paralight::threads::ThreadPool> {
        pool.get_or_init(|| {
            RefCell::new(
                ThreadPoolBuilder {
                    num_threads: ThreadCount::Count(self.workers),
                    range_strategy,
                    cpu_pinning: CpuPinningPolicy::No,
                }
                .build(),
            )
        })
        .borrow_mut()
    }

    /// orx-parallel; `None` if it would start fewer threads than asked for, as it does beyond the number of cores.
    pub fn orx(&self) -> Option<&orx_parallel::BasicPool> {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        (self.workers() <= cores).then(|| {
            self.orx
                .get_or_init(|| orx_parallel::Pool::basic(self.workers()))
        })
    }

    /// zero-pool.
    pub fn zero_pool(&self) -> &zero_pool::ZeroPool {
        self.zero_pool
            .get_or_init(|| zero_pool::ZeroPool::with_workers(self.workers))
    }
}

impl fmt::Debug for Pools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pools")
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}
