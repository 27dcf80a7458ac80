//! Loops and batches in the words of the libraries that have an inside; the others are in `outside.rs`.

use super::{Chili, Context, Cx, Library, Loops, Pools, Rayon, Role, Zp};

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

pub(super) fn map_into(numbers: &[f32], results: &mut [f32], f: impl Fn(f32) -> f32) {
    for (result, &x) in results.iter_mut().zip(numbers) {
        *result = f(x);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Orx, Paralight, StdChunks, ZeroPool};
    use super::*;
    use std::num::NonZeroUsize;
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
