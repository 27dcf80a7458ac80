//! What do the parts of a buffer's life cost? Lending, wiping, coming home from another thread, each as close by itself as the
//! public interface lets it be.
//!
//! `cargo bench -p zeropool-benches --bench buffer_parts`. A regression check; it says nothing about real programs.
#![allow(missing_docs, reason = "a bench has no public interface")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const SIZES: [usize; 4] = [1 << 10, 4 << 10, 64 << 10, 1 << 20];

/// On one thread, warm: the thread's slot has the buffer.
fn lend_and_return(c: &mut Criterion) {
    let pool = zp::BufferPool::new();
    let mut group = c.benchmark_group("get and drop");
    // No byte is written: all that remains is lending.
    for size in SIZES {
        group.bench_with_input(BenchmarkId::new("get_uninit", size), &size, |b, &size| {
            b.iter(|| drop(black_box(pool.get_uninit(size))));
        });
    }
    // The same, and the bytes are wiped.
    for size in SIZES {
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_with_input(BenchmarkId::new("get", size), &size, |b, &size| {
            b.iter(|| drop(black_box(pool.get(size))));
        });
    }
    // What the wiping takes by itself.
    for size in SIZES {
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_with_input(BenchmarkId::new("memset alone", size), &size, |b, &size| {
            let mut bytes = vec![1; size];
            b.iter(|| black_box(&mut bytes).fill(0));
        });
    }
    group.finish();
}

/// So many at a time: more than a thread's slot holds go through the shared store.
fn hold_many(c: &mut Criterion) {
    let pool = zp::BufferPool::new();
    let mut group = c.benchmark_group("hold and drop unwritten buffers of 4 KiB");
    for count in [2, 16, 64] {
        group.throughput(Throughput::Elements(count));
        group.bench_with_input(BenchmarkId::from_parameter(count), &count, |b, &count| {
            let mut held = Vec::with_capacity(count as usize);
            b.iter(|| {
                held.extend((0..count).map(|_| pool.get_uninit(4096)));
                held.clear();
            });
        });
    }
    group.finish();
}

/// More than is pooled: each comes from the system and goes back to it.
fn not_pooled(c: &mut Criterion) {
    let pool = zp::BufferPool::new();
    c.bench_function("get_uninit and drop, 32 MiB", |b| {
        b.iter(|| drop(black_box(pool.get_uninit(32 << 20))));
    });
}

/// Buffers are dropped on another thread. What is measured is the thread that gets them: do they come home to it?
fn return_across_threads(c: &mut Criterion) {
    const BURST: u64 = 64;
    let pool = zp::BufferPool::new();
    let mut group = c.benchmark_group("get what another thread returns");
    for size in SIZES {
        group.bench_with_input(BenchmarkId::from_parameter(size), &size, |b, &size| {
            let (there, buffers) = mpsc::channel::<Vec<zp::BufUninit>>();
            let (returned, back) = mpsc::channel();
            let dropper = thread::spawn(move || {
                for mut burst in buffers {
                    burst.clear();
                    // Nobody is left to receive it at the end.
                    let _ = returned.send(burst);
                }
            });
            b.iter_custom(|gets| {
                let mut time = Duration::ZERO;
                let mut held = Vec::with_capacity(BURST as usize);
                let mut left = gets;
                while left > 0 {
                    let burst = left.min(BURST);
                    let begin = Instant::now();
                    held.extend((0..burst).map(|_| pool.get_uninit(size)));
                    time += begin.elapsed();
                    left -= burst;
                    held = match there.send(held).map(|()| back.recv()) {
                        Ok(Ok(empty)) => empty,
                        _ => panic!("the other thread is gone"),
                    };
                }
                time
            });
            drop(there);
            assert!(dropper.join().is_ok(), "the other thread panicked");
        });
    }
    group.finish();
}

criterion_group!(
    buffer_parts,
    lend_and_return,
    hold_many,
    not_pooled,
    return_across_threads
);
criterion_main!(buffer_parts);
