//! Loops and batches in the words of the libraries that are always called from outside.

use super::loops::map_into;
use super::{Context, Cx, Library, Loops, Pools, Role};
use std::cell::Cell;
use std::num::NonZeroUsize;
use std::thread::{self, available_parallelism};

/// Numbers per task where a library wants the work in tasks.
const CHUNK: usize = 1 << 16;

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
