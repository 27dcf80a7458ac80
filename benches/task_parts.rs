//! What do the parts of a task's life cost? Block, queue, steal, submit and call, each as close by itself as the public
//! interface lets it be.
//!
//! `cargo bench -p zeropool-benches --bench task_parts`. A regression check; it says nothing about real programs.
#![allow(missing_docs, reason = "a bench has no public interface")]

use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::{Duration, Instant};

fn pool(workers: usize) -> zp::Pool {
    match zp::Pool::builder().workers(workers).build() {
        Ok(pool) => pool,
        Err(error) => panic!("{error}"),
    }
}

fn inside(pool: &zp::Pool, f: impl FnOnce() + Send) {
    pool.scope(|s| s.spawn(f).join());
}

/// One worker, so one thread does it all.
fn on_one_thread(c: &mut Criterion) {
    let pool = pool(1);
    let mut group = c.benchmark_group("on one thread");
    // A block is taken, queued and listed; the task is dropped; the block goes back when its last entry is swept.
    group.bench_function("spawn and cancel", |b| {
        inside(&pool, || {
            zp::scope(|s| b.iter(|| s.spawn(|| black_box(1)).cancel()));
        });
    });
    // The same, and the task runs.
    group.bench_function("spawn and join", |b| {
        inside(&pool, || {
            zp::scope(|s| b.iter(|| s.spawn(|| black_box(1)).join()));
        });
    });
    // Pushed to and popped from the queue a hundred at a time.
    group.bench_function("scope of 100 empty tasks", |b| {
        inside(&pool, || {
            b.iter(|| {
                zp::scope(|s| {
                    for n in 0..100 {
                        s.spawn(move || {
                            black_box(n);
                        });
                    }
                });
            });
        });
    });
    group.bench_function("scope without tasks", |b| {
        inside(&pool, || b.iter(|| zp::scope(|_| black_box(1))));
    });
    group.bench_function("batch of 1000 empty items", |b| {
        inside(&pool, || {
            b.iter(|| {
                zp::times(1000, |n| {
                    black_box(n);
                })
                .run();
            });
        });
    });
    group.finish();
}

/// `wait_timeout` runs nothing, so the other thread must take the task, and does so awake if it has just done so.
fn by_another_thread(c: &mut Criterion) {
    let pool = pool(2);
    let handed_over = |b: &mut Bencher<'_>| {
        zp::scope(|s| {
            b.iter(|| {
                let mut handle = s.spawn(|| black_box(1));
                assert!(handle.wait_timeout(Duration::from_secs(60)), "it was lost");
                handle.join()
            });
        });
    };
    let mut group = c.benchmark_group("run by another thread");
    group.bench_function("from inside the pool", |b| {
        inside(&pool, || handed_over(b));
    });
    group.bench_function("from outside the pool", |b| {
        pool.install(|| handed_over(b));
    });
    group.finish();
}

/// What the one who submits pays: bursts, each waited for outside the measured time.
fn submit(c: &mut Criterion) {
    const BURST: u64 = 10_000;
    let pool = pool(2);
    c.bench_function("submit an owned task, handle dropped", |b| {
        b.iter_custom(|tasks| {
            let mut time = Duration::ZERO;
            let mut left = tasks;
            while left > 0 {
                let burst = left.min(BURST);
                let begin = Instant::now();
                for n in 0..burst {
                    drop(pool.spawn(move || black_box(n)));
                }
                time += begin.elapsed();
                pool.wait_idle();
                left -= burst;
            }
            time
        });
    });
}

fn one_more(n: u64) -> u64 {
    black_box(n) + 1
}

/// A call that may be offered to others: with one worker nobody is there, with two somebody is idle.
fn pcall(c: &mut Criterion) {
    let mut group = c.benchmark_group("pcall");
    group.bench_function("plain call", |b| b.iter(|| one_more(1)));
    for workers in [1, 2] {
        let pool = pool(workers);
        group.bench_function(format!("minimal, {workers} workers"), |b| {
            inside(&pool, || {
                zp::scope(|s| b.iter(|| zp::pcall!(s, minimal, one_more(1)).get()));
            });
        });
        group.bench_function(format!("standard, {workers} workers"), |b| {
            inside(&pool, || {
                zp::scope(|s| b.iter(|| zp::pcall!(s, standard, one_more(1)).get()));
            });
        });
        group.bench_function(format!("adaptive, {workers} workers"), |b| {
            inside(&pool, || {
                zp::scope(|s| b.iter(|| zp::pcall!(s, one_more(1)).get()));
            });
        });
    }
    group.finish();
}

criterion_group!(task_parts, on_one_thread, by_another_thread, submit, pcall);
criterion_main!(task_parts);
