//! The product of two square matrices, in two shapes of recursion.

use crate::contest::{Contest, Entries, Kernel, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Cx, Join, Pools};
use crate::random::{scatter, unit};

/// Even, coarse, independent pieces: what a parallel loop is made for. So the libraries with loops enter here too.
pub(super) const ROWS: Row = Row {
    name: "matrix-rows",
    shows: "product of two 512 × 512 f32 matrices, the rows halved down to one: a plain parallel loop",
    size: 512,
    tiny: 16,
    needs: Needs::One,
    kind: Kind::Hot,
    make: rows_for_all,
};

/// Two steps of four products at each level, one after the other: joins that meet again and again, on data in cache.
pub(super) const QUADRANTS: Row = Row {
    name: "matrix-quadrants",
    shows: "product of two 512 × 512 f32 matrices by quadrants, two steps of four each: joins that meet again and again",
    size: 512,
    tiny: 64,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, size| {
        Entries::new(pools, Place::Inside, Quadrants::new(size))
            .all_that_join()
            .close()
    },
};

/// Element (i, j) of each factor; both layouts are filled from these.
fn element_a(i: usize, j: usize) -> f32 {
    unit((i as u64) << 32 | j as u64)
}

fn element_b(i: usize, j: usize) -> f32 {
    unit(1 << 63 | (i as u64) << 32 | j as u64)
}

/// A number that depends on the exact value of each element and on its place.
fn digest(n: usize, c: impl Fn(usize, usize) -> f32) -> u64 {
    (0..n * n)
        .map(|at| scatter((at as u64) << 32 | u64::from(c(at / n, at % n).to_bits())))
        .fold(0, u64::wrapping_add)
}

/// The digest of the product, each element summed up in the one order that all shapes of recursion keep.
fn digest_of_product(n: usize) -> u64 {
    let square = |element: fn(usize, usize) -> f32| -> Vec<f32> {
        (0..n * n).map(|at| element(at / n, at % n)).collect()
    };
    let (a, b) = (square(element_a), square(element_b));
    digest(n, |i, j| {
        (0..n).fold(0.0, |sum, k| sum + a[i * n + k] * b[k * n + j])
    })
}

/// Row-major matrices.
struct Rows {
    n: usize,
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
    expected: u64,
}

impl Rows {
    fn new(n: usize) -> Self {
        let square = |element: fn(usize, usize) -> f32| {
            (0..n * n).map(|at| element(at / n, at % n)).collect()
        };
        Self {
            n,
            a: square(element_a),
            b: square(element_b),
            c: vec![0.0; n * n],
            expected: digest_of_product(n),
        }
    }
}

/// Adds the product of row `i` of `a` with `b` to `row`.
#[inline(never)]
fn add_row(row: &mut [f32], i: usize, a: &[f32], b: &[f32]) {
    let n = row.len();
    for (k, &factor) in a[i * n..][..n].iter().enumerate() {
        for (c, &b) in row.iter_mut().zip(&b[k * n..][..n]) {
            *c += factor * b;
        }
    }
}

fn halve<J: Join>(cx: Cx<'_, '_, J>, c: &mut [f32], first: usize, n: usize, a: &[f32], b: &[f32]) {
    let rows = c.len() / n;
    if rows == 1 {
        return add_row(c, first, a, b);
    }
    let (upper, lower) = c.split_at_mut(rows / 2 * n);
    J::join(
        cx,
        |cx| halve::<J>(cx, upper, first, n, a, b),
        |cx| halve::<J>(cx, lower, first + rows / 2, n, a, b),
    );
}

impl Work for Rows {
    const PREPARES: bool = true;

    fn prepare(&mut self) {
        self.c.fill(0.0);
    }

    fn digest(&self) -> u64 {
        digest(self.n, |i, j| self.c[i * self.n + j])
    }

    fn expected(&self) -> u64 {
        self.expected
    }

    fn joins(&self) -> Option<u64> {
        Some(self.n as u64 - 1)
    }
}

impl Kernel for Rows {
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64 {
        halve::<J>(cx, &mut self.c, 0, self.n, &self.a, &self.b);
        0
    }
}

fn rows_for_all(pools: &Pools, n: usize) -> Contest<'_> {
    let entries = Entries::new(pools, Place::Inside, Rows::new(n))
        .all_that_join()
        .peer("rayon, par_chunks_mut", rows_rayon)
        .peer("paralight", rows_paralight)
        .peer("zero-pool", rows_zero_pool)
        .peer("bevy_tasks", rows_bevy);
    match pools.orx() {
        Some(_) => entries.peer("orx-parallel", rows_orx).close(),
        None => entries.close(),
    }
}

// What the following return nobody looks at: the digest says whether the product is right.

fn rows_rayon(pools: &Pools, Rows { n, a, b, c, .. }: &mut Rows) -> u64 {
    use rayon::prelude::*;
    pools.rayon().install(|| {
        c.par_chunks_mut(*n)
            .enumerate()
            .for_each(|(i, row)| add_row(row, i, a, b));
    });
    0
}

fn rows_paralight(pools: &Pools, Rows { n, a, b, c, .. }: &mut Rows) -> u64 {
    use paralight::prelude::*;
    let mut rows: Vec<(usize, &mut [f32])> = c.chunks_mut(*n).enumerate().collect();
    rows.par_iter_mut()
        .with_thread_pool(&mut *pools.paralight())
        .for_each(|(i, row)| add_row(row, *i, a, b));
    0
}

fn rows_orx(pools: &Pools, Rows { n, a, b, c, .. }: &mut Rows) -> u64 {
    use orx_parallel::{Par, ParCollectionMut, Runner};
    let Some(pool) = pools.orx() else {
        return 0;
    };
    let mut rows: Vec<(usize, &mut [f32])> = c.chunks_mut(*n).enumerate().collect();
    rows.par_mut()
        .runner(Runner::adaptive_with_pool(pool))
        .for_each(|(i, row)| add_row(row, *i, a, b));
    0
}

/// A function and a slice of parameters is what zero-pool takes. It shares the parameters, so each row is in a lock that
/// nobody else wants.
fn rows_zero_pool(pools: &Pools, Rows { n, a, b, c, .. }: &mut Rows) -> u64 {
    use std::sync::Mutex;
    struct Task<'a> {
        i: usize,
        row: Mutex<&'a mut [f32]>,
        a: &'a [f32],
        b: &'a [f32],
    }
    let tasks: Vec<Task<'_>> = c
        .chunks_mut(*n)
        .enumerate()
        .map(|(i, row)| Task {
            i,
            row: Mutex::new(row),
            a,
            b,
        })
        .collect();
    pools.zero_pool().run(
        |task: &Task<'_>| {
            if let Ok(mut row) = task.row.lock() {
                add_row(&mut row, task.i, task.a, task.b);
            }
        },
        &tasks,
    );
    0
}

fn rows_bevy(pools: &Pools, Rows { n, a, b, c, .. }: &mut Rows) -> u64 {
    use bevy_tasks::ParallelSliceMut;
    let (a, b) = (&*a, &*b);
    c.par_chunk_map_mut(pools.bevy(), *n, |i, row| add_row(row, i, a, b));
    0
}

/// Matrices of tiles in Z-order, each tile row-major: a quadrant is a quarter of the slice, at every level.
struct Quadrants {
    n: usize,
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
    expected: u64,
}

/// Rows and columns of a tile, which is multiplied by plain loops.
const TILE: usize = 32;

/// Where element (i, j) is in a matrix of n rows.
fn z_order(i: usize, j: usize, n: usize) -> usize {
    if n <= TILE {
        return i * n + j;
    }
    let half = n / 2;
    let quadrant = i / half * 2 + j / half;
    quadrant * half * half + z_order(i % half, j % half, half)
}

impl Quadrants {
    fn new(n: usize) -> Self {
        assert!(n.is_power_of_two(), "quadrants of {n} rows");
        let square = |element: fn(usize, usize) -> f32| {
            let mut matrix = vec![0.0; n * n];
            for at in 0..n * n {
                matrix[z_order(at / n, at % n, n)] = element(at / n, at % n);
            }
            matrix
        };
        Self {
            n,
            a: square(element_a),
            b: square(element_b),
            c: vec![0.0; n * n],
            expected: digest_of_product(n),
        }
    }
}

fn quadrants(matrix: &[f32]) -> [&[f32]; 4] {
    let (upper, lower) = matrix.split_at(matrix.len() / 2);
    let (a, b) = upper.split_at(upper.len() / 2);
    let (c, d) = lower.split_at(lower.len() / 2);
    [a, b, c, d]
}

fn quadrants_mut(matrix: &mut [f32]) -> [&mut [f32]; 4] {
    let (upper, lower) = matrix.split_at_mut(matrix.len() / 2);
    let (a, b) = upper.split_at_mut(upper.len() / 2);
    let (c, d) = lower.split_at_mut(lower.len() / 2);
    [a, b, c, d]
}

/// Adds the product of `a` and `b` to `c`.
fn add_product<J: Join>(mut cx: Cx<'_, '_, J>, c: &mut [f32], a: &[f32], b: &[f32]) {
    if c.len() <= TILE * TILE {
        return add_tile(c, a, b);
    }
    let [a11, a12, a21, a22] = quadrants(a);
    let [b11, b12, b21, b22] = quadrants(b);
    add_four::<J>(
        J::again(&mut cx),
        quadrants_mut(c),
        [a11, a11, a21, a21],
        [b11, b12, b11, b12],
    );
    add_four::<J>(
        cx,
        quadrants_mut(c),
        [a12, a12, a22, a22],
        [b21, b22, b21, b22],
    );
}

/// Four products side by side.
fn add_four<J: Join>(
    cx: Cx<'_, '_, J>,
    [c1, c2, c3, c4]: [&mut [f32]; 4],
    [a1, a2, a3, a4]: [&[f32]; 4],
    [b1, b2, b3, b4]: [&[f32]; 4],
) {
    J::join(
        cx,
        |cx| {
            J::join(
                cx,
                |cx| add_product::<J>(cx, c1, a1, b1),
                |cx| add_product::<J>(cx, c2, a2, b2),
            )
        },
        |cx| {
            J::join(
                cx,
                |cx| add_product::<J>(cx, c3, a3, b3),
                |cx| add_product::<J>(cx, c4, a4, b4),
            )
        },
    );
}

#[inline(never)]
fn add_tile(c: &mut [f32], a: &[f32], b: &[f32]) {
    let n = c.len().isqrt();
    for (i, row) in c.chunks_exact_mut(n).enumerate() {
        add_row(row, i, a, b);
    }
}

impl Work for Quadrants {
    const PREPARES: bool = true;

    fn prepare(&mut self) {
        self.c.fill(0.0);
    }

    fn digest(&self) -> u64 {
        digest(self.n, |i, j| self.c[z_order(i, j, self.n)])
    }

    fn expected(&self) -> u64 {
        self.expected
    }
}

impl Kernel for Quadrants {
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64 {
        add_product::<J>(cx, &mut self.c, &self.a, &self.b);
        0
    }
}
