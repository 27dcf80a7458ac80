//! Loops and batches in the words of each library.

use super::{Chili, Context, Cx, Library, Loops, Pools, Rayon, Role, Zp};
use std::cell::Cell;
use std::num::NonZeroUsize;
use std::thread::{self, available_parallelism};

/// Numbers per task where a library wants the work in tasks.
const CHUNK: usize = 1 << 16;

/// Numbers that are not halved any more where a library has joins only.
const LEAF: usize = 1 << 12;

/// No library: a `for` loop.
#[derive(Debug)]
pub struct Plain;

impl<Life> Context<Life> for Plain {
    type Cx = ();
}

impl Library for Plain {
    const NAME: &'static str = "sequential";
    const ROLE: Role = Role::Sequential;

    #[inline(always)]
    fn again<'x, 'a, 'b>(_: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {}

    fn inside<F: FnOnce(()) -> R + Send, R: Send>(_: &Pools, f: F) -> R {
        f(())
    }
}

impl Loops for Plain {
    fn times<F: Fn(usize) + Send + Sync>((): (), n: usize, f: F) {
        (0..n).for_each(f);
    }

    fn fill<F: Fn(usize) -> u64 + Send + Sync>((): (), places: &mut [u64], f: F) {
        for (i, place) in places.iter_mut().enumerate() {
            *place = f(i);
        }
    }

    fn collect<F: Fn(usize) -> u64 + Send + Sync>((): (), n: usize, f: F) -> Vec<u64> {
        (0..n).map(f).collect()
    }

    fn each<F: Fn(&mut f32) + Send + Sync>((): (), numbers: &mut [f32], f: F) {
        numbers.iter_mut().for_each(f);
    }

    fn map<F: Fn(f32) -> f32 + Send + Sync>((): (), numbers: &[f32], f: F) -> Vec<f32> {
        numbers.iter().map(|&x| f(x)).collect()
    }

    fn sum((): (), numbers: &[f32]) -> f32 {
        numbers.iter().sum()
    }
}

impl Loops for Zp {
    fn times<F: Fn(usize) + Send + Sync>((): (), n: usize, f: F) {
        zp::times(n, f).run();
    }

    fn fill<F: Fn(usize) -> u64 + Send + Sync>((): (), places: &mut [u64], f: F) {
        zp::times(places.len(), f).write_to(places);
    }

    fn collect<F: Fn(usize) -> u64 + Send + Sync>((): (), n: usize, f: F) -> Vec<u64> {
        zp::times(n, f).collect()
    }

    fn each<F: Fn(&mut f32) + Send + Sync>((): (), numbers: &mut [f32], f: F) {
        zp::each(numbers, f).run();
    }

    fn map<F: Fn(f32) -> f32 + Send + Sync>((): (), numbers: &[f32], f: F) -> Vec<f32> {
        zp::map(numbers, |&x| f(x)).collect()
    }

    fn sum((): (), numbers: &[f32]) -> f32 {
        zp::map(numbers, |&x| x).reduce(0.0, |a, b| a + b)
    }
}

impl Loops for Rayon {
    fn times<F: Fn(usize) + Send + Sync>((): (), n: usize, f: F) {
        use rayon::prelude::*;
        (0..n).into_par_iter().for_each(f);
    }

    fn fill<F: Fn(usize) -> u64 + Send + Sync>((): (), places: &mut [u64], f: F) {
        use rayon::prelude::*;
        places
            .par_iter_mut()
            .enumerate()
            .for_each(|(i, place)| *place = f(i));
    }

    fn collect<F: Fn(usize) -> u64 + Send + Sync>((): (), n: usize, f: F) -> Vec<u64> {
        use rayon::prelude::*;
        (0..n).into_par_iter().map(f).collect()
    }

    fn each<F: Fn(&mut f32) + Send + Sync>((): (), numbers: &mut [f32], f: F) {
        use rayon::prelude::*;
        numbers.par_iter_mut().for_each(f);
    }

    fn map<F: Fn(f32) -> f32 + Send + Sync>((): (), numbers: &[f32], f: F) -> Vec<f32> {
        use rayon::prelude::*;
        numbers.par_iter().map(|&x| f(x)).collect()
    }

    fn sum((): (), numbers: &[f32]) -> f32 {
        use rayon::prelude::*;
        numbers.par_iter().sum()
    }
}

/// chili has joins only: its loops are halved down to one item, or to 4096 numbers.
impl Loops for Chili {
    fn times<F: Fn(usize) + Send + Sync>(cx: Cx<'_, '_, Self>, n: usize, f: F) {
        halve_range(cx, 0, n, &f);
    }

    fn fill<F: Fn(usize) -> u64 + Send + Sync>(cx: Cx<'_, '_, Self>, places: &mut [u64], f: F) {
        halve_places(cx, 0, places, &f);
    }

    fn collect<F: Fn(usize) -> u64 + Send + Sync>(
        cx: Cx<'_, '_, Self>,
        n: usize,
        f: F,
    ) -> Vec<u64> {
        let mut results = vec![0; n];
        Self::fill(cx, &mut results, f);
        results
    }

    fn each<F: Fn(&mut f32) + Send + Sync>(cx: Cx<'_, '_, Self>, numbers: &mut [f32], f: F) {
        halve_each(cx, numbers, &f);
    }

    fn map<F: Fn(f32) -> f32 + Send + Sync>(
        cx: Cx<'_, '_, Self>,
        numbers: &[f32],
        f: F,
    ) -> Vec<f32> {
        let mut results = vec![0.0; numbers.len()];
        halve_map(cx, numbers, &mut results, &f);
        results
    }

    fn sum(cx: Cx<'_, '_, Self>, numbers: &[f32]) -> f32 {
        if numbers.len() <= LEAF {
            return numbers.iter().sum();
        }
        let (left, right) = numbers.split_at(numbers.len() / 2);
        let (a, b) = cx.join(|cx| Self::sum(cx, left), |cx| Self::sum(cx, right));
        a + b
    }
}

fn halve_range<F: Fn(usize) + Sync>(cx: &mut chili::Scope<'_>, from: usize, to: usize, f: &F) {
    if to - from <= 1 {
        return (from..to).for_each(f);
    }
    let middle = from.midpoint(to);
    cx.join(
        |cx| halve_range(cx, from, middle, f),
        |cx| halve_range(cx, middle, to, f),
    );
}

fn halve_places<F: Fn(usize) -> u64 + Sync>(
    cx: &mut chili::Scope<'_>,
    first: usize,
    places: &mut [u64],
    f: &F,
) {
    match places {
        [] => {}
        [place] => *place = f(first),
        _ => {
            let middle = places.len() / 2;
            let (left, right) = places.split_at_mut(middle);
            cx.join(
                |cx| halve_places(cx, first, left, f),
                |cx| halve_places(cx, first + middle, right, f),
            );
        }
    }
}

fn halve_each<F: Fn(&mut f32) + Sync>(cx: &mut chili::Scope<'_>, numbers: &mut [f32], f: &F) {
    if numbers.len() <= LEAF {
        return numbers.iter_mut().for_each(f);
    }
    let (left, right) = numbers.split_at_mut(numbers.len() / 2);
    cx.join(|cx| halve_each(cx, left, f), |cx| halve_each(cx, right, f));
}

fn halve_map<F: Fn(f32) -> f32 + Sync>(
    cx: &mut chili::Scope<'_>,
    numbers: &[f32],
    results: &mut [f32],
    f: &F,
) {
    if numbers.len() <= LEAF {
        return map_into(numbers, results, f);
    }
    let middle = numbers.len() / 2;
    let (numbers_left, numbers_right) = numbers.split_at(middle);
    let (results_left, results_right) = results.split_at_mut(middle);
    cx.join(
        |cx| halve_map(cx, numbers_left, results_left, f),
        |cx| halve_map(cx, numbers_right, results_right, f),
    );
}

fn map_into(numbers: &[f32], results: &mut [f32], f: impl Fn(f32) -> f32) {
    for (result, &x) in results.iter_mut().zip(numbers) {
        *result = f(x);
    }
}

/// paralight. It has no `collect`: results go into a vector that is there before. Items move between threads, but numbers do
/// not, as its documentation advises.
#[derive(Debug)]
pub struct Paralight;

/// orx-parallel.
#[derive(Debug)]
pub struct Orx;

/// zero-pool: a function and a slice of parameters, one for each item or each 65 536 numbers. Results go where the parameters
/// point. It asks for no `Sync` of parameters, so these are cells, which cost what its own raw pointers would.
#[derive(Debug)]
pub struct ZeroPool;

/// The standard library: the work is cut into as many chunks as there are workers, one thread for each but the last.
#[derive(Debug)]
pub struct StdChunks;

macro_rules! from_outside {
    ($($library:ty, $name:literal;)*) => {$(
        impl<'a> Context<&'a &()> for $library {
            type Cx = &'a Pools;
        }

        impl Library for $library {
            const NAME: &'static str = $name;
            const ROLE: Role = Role::Peer;

            fn again<'x, 'a, 'b>(cx: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {
                cx
            }

            fn inside<F, R>(pools: &Pools, f: F) -> R
            where
                F: for<'a> FnOnce(&'a Pools) -> R + Send,
                R: Send,
            {
                f(pools)
            }
        }
    )*};
}

from_outside! {
    Paralight, "paralight";
    ZeroPool, "zero-pool";
    StdChunks, "std::thread::scope";
}

impl<'a> Context<&'a &()> for Orx {
    type Cx = &'a orx_parallel::BasicPool;
}

impl Library for Orx {
    const NAME: &'static str = "orx-parallel";
    const ROLE: Role = Role::Peer;

    fn again<'x, 'a, 'b>(cx: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {
        cx
    }

    fn inside<F, R>(pools: &Pools, f: F) -> R
    where
        F: for<'a> FnOnce(&'a orx_parallel::BasicPool) -> R + Send,
        R: Send,
    {
        match pools.orx() {
            Some(pool) => f(pool),
            None => unreachable!("it does not take part with so many workers"),
        }
    }

    /// Its pools are never larger than the number of cores.
    fn can_have(workers: usize) -> bool {
        workers <= available_parallelism().map_or(1, NonZeroUsize::get)
    }
}

impl Loops for Paralight {
    fn times<F: Fn(usize) + Send + Sync>(pools: &Pools, n: usize, f: F) {
        use paralight::prelude::*;
        (0..n)
            .into_par_iter()
            .with_thread_pool(&mut *pools.paralight())
            .for_each(f);
    }

    fn fill<F: Fn(usize) -> u64 + Send + Sync>(pools: &Pools, places: &mut [u64], f: F) {
        use paralight::prelude::*;
        let n = places.len();
        (places.par_iter_mut(), (0..n).into_par_iter())
            .zip_eq()
            .with_thread_pool(&mut *pools.paralight())
            .for_each(|(place, i)| *place = f(i));
    }

    fn collect<F: Fn(usize) -> u64 + Send + Sync>(pools: &Pools, n: usize, f: F) -> Vec<u64> {
        let mut results = vec![0; n];
        Self::fill(pools, &mut results, f);
        results
    }

    fn each<F: Fn(&mut f32) + Send + Sync>(pools: &Pools, numbers: &mut [f32], f: F) {
        use paralight::prelude::*;
        numbers
            .par_iter_mut()
            .with_thread_pool(&mut *pools.paralight_fixed())
            .for_each(f);
    }

    fn map<F: Fn(f32) -> f32 + Send + Sync>(pools: &Pools, numbers: &[f32], f: F) -> Vec<f32> {
        use paralight::prelude::*;
        let mut results = vec![0.0; numbers.len()];
        (results.par_iter_mut(), numbers.par_iter())
            .zip_eq()
            .with_thread_pool(&mut *pools.paralight_fixed())
            .for_each(|(result, &x)| *result = f(x));
        results
    }

    fn sum(pools: &Pools, numbers: &[f32]) -> f32 {
        use paralight::prelude::*;
        numbers
            .par_iter()
            .with_thread_pool(&mut *pools.paralight_fixed())
            .sum()
    }
}

impl Loops for Orx {
    fn times<F: Fn(usize) + Send + Sync>(pool: Cx<'_, '_, Self>, n: usize, f: F) {
        use orx_parallel::{IntoParIter, Par, Runner};
        (0..n)
            .into_par()
            .runner(Runner::adaptive_with_pool(pool))
            .for_each(&f);
    }

    fn fill<F: Fn(usize) -> u64 + Send + Sync>(pool: Cx<'_, '_, Self>, places: &mut [u64], f: F) {
        use orx_parallel::{EnumeratePar, IntoParIter, Par, Runner};
        places
            .into_par()
            .runner(Runner::adaptive_with_pool(pool))
            .enumerate()
            .for_each(|(i, place)| *place = f(i));
    }

    fn collect<F: Fn(usize) -> u64 + Send + Sync>(
        pool: Cx<'_, '_, Self>,
        n: usize,
        f: F,
    ) -> Vec<u64> {
        use orx_parallel::{IntoParIter, Par, Runner};
        (0..n)
            .into_par()
            .runner(Runner::adaptive_with_pool(pool))
            .map(&f)
            .collect()
    }

    fn each<F: Fn(&mut f32) + Send + Sync>(pool: Cx<'_, '_, Self>, numbers: &mut [f32], f: F) {
        use orx_parallel::{IntoParIter, Par, Runner};
        numbers
            .into_par()
            .runner(Runner::adaptive_with_pool(pool))
            .for_each(&f);
    }

    fn map<F: Fn(f32) -> f32 + Send + Sync>(
        pool: Cx<'_, '_, Self>,
        numbers: &[f32],
        f: F,
    ) -> Vec<f32> {
        use orx_parallel::{IntoParIter, Par, Runner};
        numbers
            .into_par()
            .runner(Runner::adaptive_with_pool(pool))
            .map(|&x| f(x))
            .collect()
    }

    fn sum(pool: Cx<'_, '_, Self>, numbers: &[f32]) -> f32 {
        use orx_parallel::{IntoParIter, Par, Runner};
        numbers
            .into_par()
            .runner(Runner::adaptive_with_pool(pool))
            .map(|&x| x)
            .sum()
    }
}

/// A chunk of numbers that one task of zero-pool takes.
type Chunk<'a> = Cell<Option<&'a mut [f32]>>;

fn chunks(numbers: &mut [f32]) -> impl Iterator<Item = Chunk<'_>> {
    numbers
        .chunks_mut(CHUNK)
        .map(|chunk| Cell::new(Some(chunk)))
}

impl Loops for ZeroPool {
    fn times<F: Fn(usize) + Send + Sync>(pools: &Pools, n: usize, f: F) {
        struct Task<'a, F> {
            i: usize,
            f: &'a F,
        }
        let tasks: Vec<_> = (0..n).map(|i| Task { i, f: &f }).collect();
        let run = |task: &Task<'_, F>| (task.f)(task.i);
        pools.zero_pool().run(run, &tasks);
    }

    fn fill<F: Fn(usize) -> u64 + Send + Sync>(pools: &Pools, places: &mut [u64], f: F) {
        struct Task<'a, F> {
            i: usize,
            f: &'a F,
            place: &'a Cell<u64>,
        }
        let places = Cell::from_mut(places).as_slice_of_cells();
        let tasks: Vec<_> = places
            .iter()
            .enumerate()
            .map(|(i, place)| Task { i, f: &f, place })
            .collect();
        let run = |task: &Task<'_, F>| task.place.set((task.f)(task.i));
        pools.zero_pool().run(run, &tasks);
    }

    fn collect<F: Fn(usize) -> u64 + Send + Sync>(pools: &Pools, n: usize, f: F) -> Vec<u64> {
        let mut results = vec![0; n];
        Self::fill(pools, &mut results, f);
        results
    }

    fn each<F: Fn(&mut f32) + Send + Sync>(pools: &Pools, numbers: &mut [f32], f: F) {
        let tasks: Vec<_> = chunks(numbers).map(|chunk| (chunk, &f)).collect();
        let run = |(chunk, f): &(Chunk<'_>, &F)| {
            if let Some(chunk) = chunk.take() {
                chunk.iter_mut().for_each(f);
            }
        };
        pools.zero_pool().run(run, &tasks);
    }

    fn map<F: Fn(f32) -> f32 + Send + Sync>(pools: &Pools, numbers: &[f32], f: F) -> Vec<f32> {
        let mut results = vec![0.0; numbers.len()];
        let tasks: Vec<_> = chunks(&mut results)
            .zip(numbers.chunks(CHUNK))
            .map(|(results, numbers)| (results, numbers, &f))
            .collect();
        let run = |(results, numbers, f): &(Chunk<'_>, &[f32], &F)| {
            if let Some(results) = results.take() {
                map_into(numbers, results, f);
            }
        };
        pools.zero_pool().run(run, &tasks);
        drop(tasks);
        results
    }

    fn sum(pools: &Pools, numbers: &[f32]) -> f32 {
        let tasks: Vec<_> = numbers
            .chunks(CHUNK)
            .map(|chunk| (chunk, Cell::new(0.0)))
            .collect();
        let run = |(chunk, sum): &(&[f32], Cell<f32>)| sum.set(chunk.iter().sum());
        pools.zero_pool().run(run, &tasks);
        tasks.iter().map(|(_, sum)| sum.get()).sum()
    }
}

/// Runs `f` with each piece, each on a thread of its own but the last, which runs here. The stacks are of the standard's size.
fn on_threads<P: Send, R: Send>(
    pieces: impl Iterator<Item = P>,
    f: impl Fn(P) -> R + Sync,
) -> Vec<R> {
    let mut pieces: Vec<P> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return Vec::new();
    };
    thread::scope(|s| {
        let f = &f;
        let threads: Vec<_> = pieces
            .into_iter()
            .map(|piece| {
                thread::Builder::new()
                    .stack_size(2 << 20)
                    .spawn_scoped(s, move || f(piece))
                    .unwrap_or_else(|error| panic!("std::thread::scope: {error}"))
            })
            .collect();
        let last = f(last);
        let mut results: Vec<R> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| panic!("a piece panicked")))
            .collect();
        results.push(last);
        results
    })
}

fn piece(pools: &Pools, n: usize) -> usize {
    n.div_ceil(pools.workers()).max(1)
}

impl Loops for StdChunks {
    fn times<F: Fn(usize) + Send + Sync>(pools: &Pools, n: usize, f: F) {
        let piece = piece(pools, n);
        on_threads((0..n).step_by(piece), |from| {
            (from..n.min(from + piece)).for_each(&f);
        });
    }

    fn fill<F: Fn(usize) -> u64 + Send + Sync>(pools: &Pools, places: &mut [u64], f: F) {
        let piece = piece(pools, places.len());
        on_threads(places.chunks_mut(piece).enumerate(), |(at, places)| {
            for (i, place) in places.iter_mut().enumerate() {
                *place = f(at * piece + i);
            }
        });
    }

    fn collect<F: Fn(usize) -> u64 + Send + Sync>(pools: &Pools, n: usize, f: F) -> Vec<u64> {
        let mut results = vec![0; n];
        Self::fill(pools, &mut results, f);
        results
    }

    fn each<F: Fn(&mut f32) + Send + Sync>(pools: &Pools, numbers: &mut [f32], f: F) {
        let piece = piece(pools, numbers.len());
        on_threads(numbers.chunks_mut(piece), |numbers| {
            numbers.iter_mut().for_each(&f);
        });
    }

    fn map<F: Fn(f32) -> f32 + Send + Sync>(pools: &Pools, numbers: &[f32], f: F) -> Vec<f32> {
        let mut results = vec![0.0; numbers.len()];
        let piece = piece(pools, numbers.len());
        let pieces = numbers.chunks(piece).zip(results.chunks_mut(piece));
        on_threads(pieces, |(numbers, results)| map_into(numbers, results, &f));
        results
    }

    fn sum(pools: &Pools, numbers: &[f32]) -> f32 {
        let pieces = numbers.chunks(piece(pools, numbers.len()));
        let sums = on_threads(pieces, |numbers| numbers.iter().sum::<f32>());
        sums.into_iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    fn every_index_once<L: Loops>(pools: &Pools, n: usize) {
        let calls: Vec<AtomicU32> = (0..n).map(|_| AtomicU32::new(0)).collect();
        L::inside(pools, |cx| {
            L::times(cx, n, |i| {
                calls[i].fetch_add(1, Relaxed);
            });
        });
        let once = calls.iter().all(|calls| calls.load(Relaxed) == 1);
        assert!(once, "{}, {n} items", L::NAME);
    }

    /// What the rows of empty items cannot check.
    #[test]
    fn times_calls_with_every_index_once() {
        let pools = Pools::new(NonZeroUsize::MIN.saturating_add(1));
        for n in [1, 2, 3, 1000] {
            every_index_once::<Plain>(&pools, n);
            every_index_once::<Zp>(&pools, n);
            every_index_once::<Rayon>(&pools, n);
            every_index_once::<Chili>(&pools, n);
            every_index_once::<Paralight>(&pools, n);
            every_index_once::<ZeroPool>(&pools, n);
            every_index_once::<StdChunks>(&pools, n);
            if Orx::can_have(pools.workers()) {
                every_index_once::<Orx>(&pools, n);
            }
        }
    }
}
