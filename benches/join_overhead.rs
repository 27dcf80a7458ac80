//! What does a join cost that nobody needed? The same recursion plain and with `zp::join!` at every node, in pools of one
//! and two workers, from inside the pool.
//!
//! `cargo bench -p zeropool-benches --bench join_overhead`. A regression check; it says nothing about real programs.
#![allow(missing_docs, reason = "a bench has no public interface")]

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use zeropool_benches::{Node, fib};

fn joined_sum(node: &Node) -> u64 {
    let child = |node: &Option<Box<Node>>| node.as_deref().map_or(0, joined_sum);
    let (left, right) = zp::join!(child(&node.left), child(&node.right));
    node.size + left + right
}

fn joined_fib(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = zp::join!(joined_fib(n - 1), joined_fib(n - 2));
    a + b
}

fn pool(workers: usize) -> zp::Pool {
    match zp::Pool::builder().workers(workers).build() {
        Ok(pool) => pool,
        Err(error) => panic!("{error}"),
    }
}

fn benches(c: &mut Criterion) {
    for size in [1023, 65535] {
        let Some(tree) = Node::tree(size) else {
            continue;
        };
        let mut group = c.benchmark_group(format!("tree of {size}"));
        group.bench_function("plain", |b| b.iter(|| black_box(&tree).sum()));
        for workers in [1, 2] {
            let pool = pool(workers);
            group.bench_function(format!("join, {workers} workers"), |b| {
                pool.scope(|s| s.spawn(|| b.iter(|| joined_sum(black_box(&tree)))).join());
            });
        }
        group.finish();
    }
    let mut group = c.benchmark_group("fib 25");
    group.bench_function("plain", |b| b.iter(|| fib(black_box(25))));
    for workers in [1, 2] {
        let pool = pool(workers);
        group.bench_function(format!("join, {workers} workers"), |b| {
            pool.scope(|s| s.spawn(|| b.iter(|| joined_fib(black_box(25)))).join());
        });
    }
    group.finish();
}

criterion_group!(join_overhead, benches);
criterion_main!(join_overhead);
