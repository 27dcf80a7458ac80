//! Random trees of joins, scopes, spawns and panics, compared with their sequential evaluation. Every node also checks
//! that it runs on a thread which is doing nothing, or waits for it (covers E1, E3).

#[path = "stress/lineage.rs"]
mod lineage;
mod support;

use lineage::{Enter, Path};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;
use std::time::Duration;
use support::{Ledger, Random, pool, times, within, work};

/// A sanitizer makes all of this many times slower.
const LIMIT: Duration = Duration::from_secs(300);

/// A failure that is part of the tree's meaning.
struct Failed(u64);

fn mix(a: u64, b: u64) -> u64 {
    (a.rotate_left(17) ^ b).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// What is left of the tree's size below a node, and how to go on.
#[derive(Clone)]
struct Tree {
    seed: u64,
    size: u64,
    path: Path,
    parallel: bool,
    ledger: Ledger,
}

impl Tree {
    fn child(&self, random: &mut Random) -> Self {
        let seed = random.next();
        Self {
            seed,
            size: self.size * (1 + random.below(7)) / 10,
            path: if self.parallel {
                self.path.child(seed)
            } else {
                self.path.clone()
            },
            parallel: self.parallel,
            ledger: self.ledger.clone(),
        }
    }

    /// Several children, to be evaluated by one of the ways below.
    fn children(&self, random: &mut Random, count: usize) -> Vec<Self> {
        (0..count).map(|_| self.child(random)).collect()
    }

    fn value(&self) -> u64 {
        let _enter = self.parallel.then(|| Enter::node(&self.path));
        let _token = self.ledger.token();
        let mut random = Random::new(self.seed);
        if self.size < 2 {
            work(random.below(200) as usize);
            return self.seed;
        }
        let kind = random.below(8);
        let count = 2 + random.below(4) as usize;
        let children = self.children(&mut random, count);
        let values = match kind {
            _ if !self.parallel && kind != 7 => children.iter().map(Self::value).collect(),
            0 | 1 => join_all(&children),
            2 => scope_into(&children),
            3 => scope_handles(&children, &mut random),
            4 => scope_nested(&children),
            5 => owned(children),
            6 => mixed(&children),
            _ => return self.failing(&children),
        };
        values.into_iter().fold(self.seed, mix)
    }

    /// Some children panic after they have been evaluated; the leftmost of them counts.
    fn failing(&self, children: &[Self]) -> u64 {
        let (first, rest) = (&children[0], &children[1]);
        let fails = |child: &Self| child.seed.is_multiple_of(3);
        let arm = |child: &Self| {
            let value = child.value();
            if fails(child) {
                // Without the report of the panic hook, of which there would be thousands.
                resume_unwind(Box::new(Failed(value)));
            }
            value
        };
        let result = catch_unwind(AssertUnwindSafe(|| {
            if self.parallel {
                zp::join(|| arm(first), || arm(rest))
            } else {
                (arm(first), arm(rest))
            }
        }));
        match result {
            Ok((a, b)) => mix(a, b),
            Err(payload) => match payload.downcast::<Failed>() {
                Ok(failed) => failed.0,
                Err(other) => resume_unwind(other),
            },
        }
    }
}

fn join_all(trees: &[Tree]) -> Vec<u64> {
    match trees {
        [] => Vec::new(),
        [one] => vec![one.value()],
        [a, b, c] => {
            let (a, b, c) = zp::join!(a.value(), b.value(), c.value());
            vec![a, b, c]
        }
        _ => {
            let (left, right) = trees.split_at(trees.len() / 2);
            let (mut left, right) = zp::join!(join_all(left), join_all(right));
            left.extend(right);
            left
        }
    }
}

fn scope_into(trees: &[Tree]) -> Vec<u64> {
    let mut out = vec![0; trees.len()];
    zp::scope(|s| {
        for (tree, slot) in trees.iter().zip(&mut out) {
            s.spawn_into(|| tree.value(), slot);
        }
    });
    out
}

/// Handles joined in another order, or after a while, or cancelled and done by hand.
fn scope_handles(trees: &[Tree], random: &mut Random) -> Vec<u64> {
    let mut out = vec![0; trees.len()];
    zp::scope(|s| {
        let mut handles: Vec<_> = (0..)
            .zip(trees.iter().map(|tree| s.spawn(|| tree.value())))
            .collect();
        while !handles.is_empty() {
            let at = random.below(handles.len() as u64) as usize;
            let (n, handle): (usize, _) = handles.swap_remove(at);
            out[n] = match random.below(3) {
                0 if handle.cancel() => trees[n].value(),
                _ => handle.join(),
            };
        }
    });
    out
}

/// Each task spawns the next one into the same scope.
fn scope_nested(trees: &[Tree]) -> Vec<u64> {
    fn next<'scope, 'env>(
        s: &'scope zp::Scope<'scope, 'env>,
        trees: &'env [Tree],
        out: &'env mut [u64],
    ) {
        if let ([tree, trees @ ..], [slot, out @ ..]) = (trees, out) {
            s.spawn(move || {
                // A task need not be `FnOnce` for all the compiler knows: it has to be told that this one is.
                let out = out;
                next(s, trees, out);
            });
            *slot = tree.value();
        }
    }
    let mut out = vec![0; trees.len()];
    zp::scope(|s| next(s, trees, &mut out));
    out
}

fn owned(trees: Vec<Tree>) -> Vec<u64> {
    let handles: Vec<_> = trees
        .into_iter()
        .map(|tree| zp::spawn(move || tree.value()))
        .collect();
    handles
        .into_iter()
        .rev()
        .map(|handle| handle.wait().unwrap())
        .rev()
        .collect()
}

fn mixed(trees: &[Tree]) -> Vec<u64> {
    let (first, rest) = trees.split_at(1);
    let mut last = Vec::new();
    let first = zp::scope(|s| {
        s.spawn_into(|| scope_into(rest), &mut last);
        zp::join!(first[0].value(), ()).0
    });
    std::iter::once(first).chain(last).collect()
}

fn check(pool: &zp::Pool, seed: u64, size: u64) {
    let tree = |parallel| Tree {
        seed,
        size,
        path: Path::root(seed),
        parallel,
        ledger: Ledger::new(),
    };
    let expected = tree(false).value();
    let parallel = tree(true);
    let value = pool.install(|| parallel.value());
    assert_eq!(value, expected, "seed {seed}, size {size}");
    parallel.ledger.assert_balanced();
}

#[test]
fn random_trees_have_the_value_of_their_sequential_evaluation() {
    within(LIMIT, || {
        for (n, workers) in [1, 2, 3, 5].into_iter().enumerate() {
            let pool = pool(workers);
            for seed in 1..=times(60, 3) as u64 {
                check(&pool, seed * 4 + n as u64, times(400, 30) as u64);
            }
        }
    });
}

#[test]
fn random_trees_of_many_callers_share_one_pool() {
    within(LIMIT, || {
        let pool = pool(3);
        thread::scope(|threads| {
            for n in 0..times(6, 2) as u64 {
                let pool = &pool;
                threads.spawn(move || {
                    for seed in 1..=times(30, 1) as u64 {
                        check(pool, seed * 100 + n, times(300, 20) as u64);
                    }
                });
            }
        });
    });
}

#[test]
fn random_trees_of_more_callers_than_desks() {
    within(LIMIT, || {
        let pool = pool(2);
        thread::scope(|threads| {
            for n in 0..times(24, 3) as u64 {
                let pool = &pool;
                threads.spawn(move || {
                    for seed in 1..=times(10, 1) as u64 {
                        check(pool, seed * 1000 + n, times(200, 10) as u64);
                    }
                });
            }
        });
    });
}

#[test]
fn random_trees_on_pools_that_come_and_go() {
    within(LIMIT, || {
        for seed in 1..=times(200, 3) as u64 {
            check(&pool(1 + seed as usize % 3), seed, times(200, 10) as u64);
        }
    });
}
