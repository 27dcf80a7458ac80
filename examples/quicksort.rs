//! Quicksort: `zp::join!` over two halves of a slice that are borrowed mutably, at once and without a copy.
//!
//! `cargo run --release -p zeropool-examples --example quicksort`

use std::time::Instant;

/// What is this short is sorted faster by insertion.
const SHORT: usize = 32;

fn quicksort(values: &mut [u64]) {
    if values.len() <= SHORT {
        return insertion_sort(values);
    }
    let (smaller, larger) = partition(values);
    zp::join!(quicksort(smaller), quicksort(larger));
}

/// Splits the values around their pivot, which belongs to neither half: it is in its place already.
fn partition(values: &mut [u64]) -> (&mut [u64], &mut [u64]) {
    let last = values.len() - 1;
    median_to(last, values);
    let pivot = values[last];
    let mut boundary = 0;
    for i in 0..last {
        if values[i] < pivot {
            values.swap(i, boundary);
            boundary += 1;
        }
    }
    values.swap(boundary, last);
    let (smaller, rest) = values.split_at_mut(boundary);
    (smaller, &mut rest[1..])
}

/// Puts the median of the first, middle and last value at `place`.
fn median_to(place: usize, values: &mut [u64]) {
    let mut candidates = [0, values.len() / 2, values.len() - 1];
    candidates.sort_by_key(|&i| values[i]);
    values.swap(candidates[1], place);
}

fn insertion_sort(values: &mut [u64]) {
    for end in 1..values.len() {
        let mut i = end;
        while i > 0 && values[i] < values[i - 1] {
            values.swap(i, i - 1);
            i -= 1;
        }
    }
}

/// Numbers that look random and are the same on every run.
fn numbers(count: usize) -> Vec<u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..count).map(step).collect()
}

fn main() {
    let mut values = numbers(4_000_000);
    let mut expected = values.clone();
    expected.sort_unstable();

    for workers in [1, 2] {
        let mut values = values.clone();
        let pool = zp::Pool::builder()
            .workers(workers)
            .build()
            .expect("threads for a small pool");
        let start = Instant::now();
        pool.install(|| quicksort(&mut values));
        println!(
            "{workers} at a time: {:?}, as expected: {}",
            start.elapsed(),
            values == expected
        );
    }

    let start = Instant::now();
    quicksort(&mut values);
    println!(
        "all cores:   {:?}, as expected: {}",
        start.elapsed(),
        values == expected
    );
}
