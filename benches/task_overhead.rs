//! What does an empty task cost? Spawned one by one in a scope, and one there and back, from outside the pool.
//!
//! `cargo bench -p zeropool-benches --bench task_overhead`. A regression check; it says nothing about real programs.
#![allow(missing_docs, reason = "a bench has no public interface")]

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn benches(c: &mut Criterion) {
    let pool = match zp::Pool::builder().workers(2).build() {
        Ok(pool) => pool,
        Err(error) => panic!("{error}"),
    };
    c.bench_function("1000 calls", |b| {
        b.iter(|| {
            (0..1000).for_each(|n| {
                black_box(n);
            })
        });
    });
    c.bench_function("scope, 1000 empty tasks", |b| {
        b.iter(|| {
            pool.scope(|s| {
                for n in 0..1000 {
                    s.spawn(move || {
                        black_box(n);
                    });
                }
            });
        });
    });
    c.bench_function("scope, one task there and back", |b| {
        b.iter(|| pool.scope(|s| s.spawn(|| black_box(1)).join()));
    });
    c.bench_function("owned task, spawn and wait", |b| {
        b.iter(|| pool.spawn(|| black_box(1)).wait());
    });
}

criterion_group!(task_overhead, benches);
criterion_main!(task_overhead);
