//! Batches: one function over many items.
//!
//! | file | what it has |
//! |---|---|
//! | `batch/source.rs` | where items come from: slices, chunks, indices, several side by side |
//! | `batch/live.rs` | items by value, and results on their way: ranges of live items |
//! | `batch/sink.rs` | where results go |
//! | `batch/drive.rs` | how a batch is divided among threads |
//! | `batch/reduce.rs` | combining results in a fixed shape |
//! | `batch/closures.rs` | `each`, `map`, `times`, `chunks`, `batch_of` |
//! | `batch/spawned.rs` | `spawn_batch` and its handle |
//! | `batch/sort.rs`, `batch/merge.rs` | sorting |
//!
//! A batch is divided by forks, as a recursion of joins would be: all that `runtime`
//! knows of batches is that the pool keeps the slab in which spawned ones are watched.

mod closures;
mod drive;
mod live;
mod merge;
mod reduce;
mod sink;
mod sort;
mod source;
mod spawned;

pub use closures::{
    IntoChunks, IntoSource, PerIndex, PerItem, PerTask, batch_of, chunks, each, map, times,
};
pub use live::{EachOwned, each_owned};
pub use sort::{sort, sort_by, sort_by_key, sort_unstable, sort_unstable_by, sort_unstable_by_key};
pub use source::{
    ChunksMut, ChunksRef, EachMut, EachRef, LengthError, Source, Times, Zip, chunks_mut,
    chunks_ref, each_mut, each_ref, times as times_source, zip, zipped,
};
pub use spawned::{BatchHandle, Progress, SpawnBatch};

use crate::panic::LeftOver;
use crate::runtime::{Pool, parallel};
use crate::sync::AtomicBool;
use crate::task::stop::Stop;
use crate::task::watch::Watch;
use crate::task::{Context, Priority};
use drive::{Cut, Job};
use live::{Places, fill_vec};
use reduce::Reduction;
use sink::{Discard, Sink, Try};
use source::check_lengths;
use std::fmt;
use std::mem::MaybeUninit;
use std::time::Instant;

/// What a batch does with each item. `#[zp::batch]` implements it, and closures have it; it is public so that functions can take or
/// return any batch. (There is no constructor that makes a [`Batch`] of a body of one's own.)
///
/// # Examples
///
/// Taking one:
///
/// ```
/// use zp::{Batch, Body, Source};
///
/// fn total<S: Source, B: Body<S::Item, Output = u64>>(batch: Batch<S, B>) -> u64 {
///     batch.reduce(0, |a, b| a + b)
/// }
///
/// assert_eq!(total(zp::map(&[1_u64, 2, 3], |x| x * 10)), 60);
/// ```
///
/// Returning one:
///
/// ```
/// use zp::{Batch, Body, Source};
///
/// fn squares<'v>(v: &'v [u32]) -> Batch<impl Source<Item = &'v u32>, impl Body<&'v u32, Output = u32>> {
///     zp::map(v, |x| x * x)
/// }
///
/// assert_eq!(squares(&[1, 2, 3]).collect(), [1, 4, 9]);
/// ```
pub trait Body<Item>: Send + Sync {
    /// What it makes of an item.
    type Output: Send;

    /// The name that `Debug` of a handle shows.
    const NAME: &'static str = "batch";

    /// How urgent a spawned batch is.
    const PRIORITY: Priority = Priority::Normal;

    /// Does the work for one item.
    fn call(&self, index: usize, item: Item, cx: &mut Context<'_>) -> Self::Output;
}

/// One function and many items: a loop that has not run yet, potentially parallel.
///
/// Made by the `over` of a [`#[zp::batch]`](macro@crate::batch) function, or by [`zp::each`](crate::each), [`zp::map`](crate::map),
/// [`zp::times`](crate::times()), [`zp::chunks`](crate::chunks) and [`zp::batch_of`](crate::batch_of). What happens with the results is
/// up to the method that runs it:
///
/// | method | results |
/// |---|---|
/// | [`run`](Batch::run) | dropped |
/// | [`collect`](Batch::collect), [`try_collect`](Batch::try_collect) | in a `Vec`, in the order of the items |
/// | [`write_to`](Batch::write_to) | into variables that have values already; allocates nothing |
/// | [`write_uninit`](Batch::write_uninit) | into memory without values; allocates nothing |
/// | [`reduce`](Batch::reduce) | combined, in a shape that depends on their number alone |
/// | [`into_slots`](Batch::into_slots) | for [`Scope::spawn_batch`](crate::Scope::spawn_batch) |
///
/// The calling thread works too, and returns when all items are done; it blocks while others run what they have taken. An idle thread
/// takes the back half of what is left, and others may take half of that; waiting, panics and wake-ups are those of
/// [`zp::join`](crate::join()), of which a batch is made. A batch of many items (32 for each worker) runs the first few under a clock,
/// and troubles nobody if all are done in a few microseconds. Nothing is allocated but the vectors that methods return.
///
/// The function is called by several threads at once, so a closure cannot change what it captures. (The compiler says then "cannot
/// borrow as mutable, as it is a captured variable in a `Fn` closure".) Return a value and [`reduce`](Batch::reduce) or
/// [`collect`](Batch::collect), give each item a place of its own, `zp::each((&items, &mut out), …)`, or share [`Slots`](crate::Slots), a
/// `Mutex`, or an atomic.
///
/// If an item panics, the others may be skipped; results already made are dropped exactly once, and the panic resumes when no
/// item is running any more.
///
/// # Examples
///
/// ```
/// let words = ["apple", "fig", "banana"];
/// let mut lengths = [0; 3];
/// zp::map(&words, |word| word.len()).write_to(&mut lengths);
/// assert_eq!(lengths, [5, 3, 6]);
/// ```
#[must_use = "a batch does nothing until a method like `run` or `collect` is called"]
pub struct Batch<S, B> {
    source: S,
    body: B,
    grain: Option<usize>,
    pool: Option<Pool>,
}

/// A batch and the places for its results; made by [`Batch::into_slots`], taken by [`Scope::spawn_batch`](crate::Scope::spawn_batch).
///
/// # Examples
///
/// ```
/// let mut lengths = [0; 2];
/// zp::scope(|s| {
///     let batch = zp::map(&["fig", "apple"], |word| word.len());
///     s.spawn_batch(batch.into_slots(&mut lengths)).join();
/// });
/// assert_eq!(lengths, [3, 5]);
/// ```
#[must_use = "a batch does nothing until it is spawned"]
pub struct BatchInto<'a, S: Source, B: Body<S::Item>> {
    batch: Batch<S, B>,
    slots: &'a mut [B::Output],
}

impl<S, B> Batch<S, B> {
    pub(crate) fn new(source: S, body: B) -> Self {
        Self {
            source,
            body,
            grain: None,
            pool: None,
        }
    }
}

impl<S, B> Batch<S, B>
where
    S: Source,
    B: Body<S::Item>,
{
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// Is there nothing to do?
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// A hint: items are to be run in blocks of so many, at the least. 0 means the same as 1. With it, the batch is shared from
    /// its first block on.
    ///
    /// Without it a thread looks after every 128th part of its share, and after some 20 µs, whether somebody else could use
    /// some of the rest. [`Batch::reduce`] does not heed it.
    ///
    /// # Examples
    ///
    /// ```
    /// // Ten long items: share them at once, each by itself.
    /// let primes = zp::times(10, |i| (2..i).all(|d| i % d != 0) && i > 1).grain(1).collect();
    /// assert_eq!(primes[..4], [false, false, true, true]);
    /// ```
    pub fn grain(mut self, items: usize) -> Self {
        self.grain = Some(items.max(1));
        self
    }

    /// Runs it in this pool rather than the current one, or the scope's.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::Pool::builder().workers(2).build()?;
    /// let squares = zp::times(4, |i| i * i).on(&pool).collect();
    /// assert_eq!(squares, [0, 1, 4, 9]);
    /// # Ok::<(), zp::BuildError>(())
    /// ```
    pub fn on(mut self, pool: &Pool) -> Self {
        self.pool = Some(pool.clone());
        self
    }

    /// Runs all items and drops their results. Allocates nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut prices = [100, 250, 30];
    /// zp::each(&mut prices, |price| *price += 5).run();
    /// assert_eq!(prices, [105, 255, 35]);
    /// ```
    ///
    /// # Panics
    /// 1. Resumes the panic of an item.
    /// 2. As every method that runs a batch: if the [global pool](crate::global) is needed and cannot be started.
    pub fn run(self) {
        let Ok(()) = self.drive(Discard);
    }

    /// Runs all items and returns their results in order. Allocates the vector.
    ///
    /// # Examples
    ///
    /// ```
    /// // Some items only: the batch makes `Option`s, the iterator drops `None`.
    /// let halves = zp::times(6, |i| (i % 2 == 0).then_some(i / 2)).collect();
    /// assert_eq!(halves.into_iter().flatten().collect::<Vec<_>>(), [0, 1, 2]);
    /// ```
    ///
    /// # Panics
    /// Resumes the panic of an item.
    pub fn collect(self) -> Vec<B::Output> {
        let Ok(results) = fill_vec(self.len(), |places| self.drive(places));
        results
    }

    /// Writes the result of item `i` to `slots[i]`; the former values are dropped. Allocates nothing.
    ///
    /// # Panics
    /// If there are more or fewer slots than items: then no item has been run. Resumes the panic of an item: then some
    /// slots have been written.
    #[track_caller]
    pub fn write_to(self, slots: &mut [B::Output]) {
        self.check_slots(slots.len());
        let Ok(()) = self.drive(slots);
    }

    /// Writes the result of item `i` to `slots[i]` and returns the slots as values, so that nobody writes `assume_init`. Allocates
    /// nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut memory = Vec::with_capacity(100);
    /// let squares = zp::times(3, |i| i * i).write_uninit(&mut memory.spare_capacity_mut()[..3]);
    /// assert_eq!(squares, [0, 1, 4]);
    /// ```
    ///
    /// # Panics
    /// If there are more or fewer slots than items: then no item has been run. Resumes the panic of an item: then the
    /// results already made have been dropped.
    #[track_caller]
    pub fn write_uninit(self, slots: &mut [MaybeUninit<B::Output>]) -> &mut [B::Output] {
        self.check_slots(slots.len());
        let n = self.len();
        let Ok(results) = self.drive(Places::new(slots));
        results.settle(n)
    }

    /// Combines all results with `combine`, which is to be associative; `identity` is the result of a batch without items and
    /// is not used otherwise.
    ///
    /// The results are combined in an order that depends on their number alone, whatever the pool and the moment: blocks from left
    /// to right, then the blocks as a balanced tree. So a sum of floating-point numbers is the same to the last bit each
    /// time. Allocates nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let total = zp::map(&[0.1, 0.2, 0.3], |x| x * 2.0).reduce(0.0, |a, b| a + b);
    /// assert!((total - 1.2_f64).abs() < 1e-12);
    /// ```
    ///
    /// # Panics
    /// Resumes the panic of an item, or of `combine`.
    pub fn reduce<F>(self, identity: B::Output, combine: F) -> B::Output
    where
        F: Fn(B::Output, B::Output) -> B::Output + Sync,
    {
        let identity = LeftOver::new(identity);
        let n = self.len();
        if n == 0 {
            return identity.take();
        }
        let Self {
            mut source,
            body,
            pool,
            ..
        } = self;
        let (body, combine) = (LeftOver::new(body), LeftOver::new(combine));
        let stop = Stop::new();
        let items = source.part();
        let result = parallel::enter(pool.as_ref(), |workers| {
            let reduction = Reduction {
                body: body.get(),
                combine: combine.get(),
                stop: &stop,
                block: reduce::block_of(n),
                workers,
                begun: Instant::now(),
                shared: AtomicBool::new(workers > 1 && !drive::is_tried(n, workers)),
            };
            reduction.run(items)
        });
        let result = match result {
            Ok(result) => result,
            Err(Cut::Failed(never)) => match never {},
            Err(Cut::Skipped) => panic!("a source yielded fewer items than it said"),
        };
        let result = identity.drop_before(result);
        let result = combine.drop_before(result);
        body.drop_before(result)
    }

    /// The batch together with the places for its results, to be [spawned](crate::Scope::spawn_batch). Runs nothing yet; [`BatchInto`] has
    /// an example.
    ///
    /// # Panics
    /// If there are more or fewer slots than items.
    #[track_caller]
    pub fn into_slots(self, slots: &mut [B::Output]) -> BatchInto<'_, S, B> {
        self.check_slots(slots.len());
        BatchInto { batch: self, slots }
    }

    #[track_caller]
    fn check_slots(&self, slots: usize) {
        let names = ["the batch", "the slice for its results"];
        if let Err(error) = check_lengths(names, [self.len(), slots]) {
            panic!("{error}");
        }
    }

    fn drive<K>(self, sink: K) -> Result<K::Done, K::Error>
    where
        K: Sink<B::Output>,
    {
        let stop = Stop::new();
        match self.drive_watched(sink, &stop, None) {
            Ok(done) => Ok(done),
            Err(Cut::Failed(error)) => Err(error),
            Err(Cut::Skipped) => unreachable!("items are skipped after a failure only"),
        }
    }

    fn drive_watched<K>(
        self,
        sink: K,
        stop: &Stop,
        progress: Option<&Watch>,
    ) -> Result<K::Done, Cut<K::Error>>
    where
        K: Sink<B::Output>,
    {
        let Self {
            mut source,
            body,
            grain,
            pool,
        } = self;
        let body = LeftOver::new(body);
        let (n, items) = (source.len(), source.part());
        let outcome = parallel::enter(pool.as_ref(), |workers| {
            Job::new(body.get(), n, workers, grain, stop, progress).run(items, sink)
        });
        body.drop_before(outcome)
    }
}

impl<S, B, T, E> Batch<S, B>
where
    S: Source,
    B: Body<S::Item, Output = Result<T, E>>,
    T: Send,
    E: Send,
{
    /// Runs all items and returns the values of their results in order, or the error of the leftmost item that failed. Allocates
    /// the vector.
    ///
    /// # Examples
    ///
    /// ```
    /// let texts = ["1", "2", "x", "y"];
    /// let numbers = zp::map(&texts, |text| text.parse::<u32>().map_err(|_| *text)).try_collect();
    /// assert_eq!(numbers, Err("x"));
    /// ```
    ///
    /// # Errors
    /// The leftmost error. Items behind it may have been skipped; values already made have been dropped.
    ///
    /// # Panics
    /// Resumes the panic of an item, unless an item before it has failed.
    pub fn try_collect(self) -> Result<Vec<T>, E> {
        fill_vec(self.len(), |places| self.drive(Try(places)))
    }
}

impl<S, B> fmt::Debug for Batch<S, B>
where
    S: Source,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("len", &self.source.len())
            .field("grain", &self.grain)
            .finish_non_exhaustive()
    }
}

impl<S, B> fmt::Debug for BatchInto<'_, S, B>
where
    S: Source,
    B: Body<S::Item>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BatchInto").field(&self.batch).finish()
    }
}
