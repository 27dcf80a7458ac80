//! The block allocator on real threads and under Miri.

use super::*;
use crate::sync::thread;
use std::time::Instant;

fn layout(bytes: usize, align: usize) -> Layout {
    Layout::from_size_align(bytes, align).unwrap()
}

#[test]
fn class_is_the_smallest_that_fits() {
    let bytes_of = |bytes, align| BLOCK_BYTES_MIN << class_of(layout(bytes, align));
    assert_eq!(bytes_of(0, 1), 128);
    assert_eq!(bytes_of(128, 8), 128);
    assert_eq!(bytes_of(129, 8), 256);
    assert_eq!(bytes_of(256, 256), 256);
    assert_eq!(bytes_of(8, 4096), 4096);
    assert_eq!(bytes_of(1 << 20, 1), 1 << 20);
    assert_eq!(bytes_of(BLOCK_BYTES_MAX, 1), BLOCK_BYTES_MAX);
    assert_eq!(class_of(layout(BLOCK_BYTES_MAX, 1)), CLASSES - 1);
    assert_eq!(class_of(layout(BLOCK_BYTES_MAX + 1, 1)), CLASSES);
}

#[test]
fn blocks_are_aligned_writable_and_disjoint() {
    let blocks = BlockAllocator::new();
    let requests = [
        (1, 1),
        (100, 64),
        (128, 128),
        (129, 1),
        (500, 1024),
        (5000, 8),
        (3, 8192),
    ];
    let mut held = Vec::new();
    for round in 0..5_u8 {
        for (bytes, align) in requests {
            let block = blocks.acquire(layout(bytes, align));
            assert!(block.ptr.addr().get().is_multiple_of(align.max(128)));
            // SAFETY: the block has room for the layout and is ours.
            unsafe { block.ptr.write_bytes(round, bytes) };
            held.push((block, bytes, round));
        }
    }
    for (block, bytes, round) in held {
        // SAFETY: all of it was written above.
        let written = unsafe { std::slice::from_raw_parts(block.ptr.as_ptr(), bytes) };
        assert!(written.iter().all(|&byte| byte == round));
        // SAFETY: 1., 2. it is of this allocator and given back once; 3. the slice is not used again.
        unsafe { blocks.release(block.id) };
    }
}

#[test]
fn released_block_comes_back() {
    let blocks = BlockAllocator::new();
    for request in [layout(10, 8), layout(100_000, 8), layout(1, 1 << 16)] {
        let first = blocks.acquire(request);
        // SAFETY: 1., 2. of this allocator, once; 3. never accessed.
        unsafe { blocks.release(first.id) };
        assert_eq!(blocks.acquire(request), first);
    }
}

#[test]
fn threads_hand_blocks_to_each_other() {
    let rounds = if cfg!(miri) { 30 } else { 10_000 };
    let blocks = BlockAllocator::new();
    thread::scope(|s| {
        for thread in 0..3_u64 {
            let blocks = &blocks;
            s.spawn(move || {
                for round in 0..rounds {
                    let value = thread * rounds + round;
                    let block = blocks.acquire(Layout::new::<[u64; 16]>());
                    let words = block.ptr.cast::<[u64; 16]>();
                    // SAFETY: the block has room for 16 words and is ours.
                    unsafe { words.write([value; 16]) };
                    thread::yield_now();
                    // SAFETY: it was written just now.
                    let read = unsafe { words.read() };
                    assert_eq!(read, [value; 16]);
                    // SAFETY: 1., 2. of this allocator, once; 3. never accessed again.
                    unsafe { blocks.release(block.id) };
                }
            });
        }
    });
}

#[test]
fn cache_returns_what_it_took() {
    let blocks = BlockAllocator::new();
    let cache = BlockCache::new(&blocks);
    let requests = [layout(100, 8), layout(200, 8), layout(5000, 8)];
    for round in 0..5_u8 {
        let mut held = Vec::new();
        // More than fit in the cache.
        for _ in 0..40 {
            for request in requests {
                let block = cache.acquire(request, &blocks);
                // SAFETY: the block has room for the layout and is ours.
                unsafe { block.ptr.write_bytes(round, request.size()) };
                held.push(block);
            }
        }
        let mut places: Vec<_> = held.iter().map(|block| block.ptr).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), held.len(), "a block was handed out twice");
        for block in held {
            // SAFETY: 1., 2. it is of this allocator and given back once; 3. not used again.
            unsafe { cache.release(block, &blocks) };
        }
    }
    // All but what the cache holds is to be had without it, and nothing was allocated beyond.
    for class in 0..requests.len() {
        assert!(blocks.classes[class].high_water() <= 40);
    }
}

#[test]
fn cache_keeps_no_block_of_another_allocator() {
    let (blocks, others) = (BlockAllocator::new(), BlockAllocator::new());
    let cache = BlockCache::new(&blocks);
    let block = cache.acquire(layout(8, 8), &others);
    // SAFETY: 1., 2. it is of this allocator and given back once; 3. never accessed.
    unsafe { cache.release(block, &others) };
    assert_eq!(others.acquire(layout(8, 8)), block);
    assert_ne!(cache.acquire(layout(8, 8), &blocks).ptr, block.ptr);
}

#[test]
fn caches_hand_blocks_to_each_other() {
    let rounds = if cfg!(miri) { 20 } else { 2000 };
    let blocks = BlockAllocator::new();
    thread::scope(|s| {
        for thread in 0..3_u64 {
            let blocks = &blocks;
            s.spawn(move || {
                let cache = BlockCache::new(blocks);
                for round in 0..rounds {
                    let value = thread * rounds + round;
                    // Enough that some go through the allocator.
                    let held = [(); 7].map(|()| {
                        let block = cache.acquire(Layout::new::<[u64; 16]>(), blocks);
                        // SAFETY: the block has room for 16 words and is ours.
                        unsafe { block.ptr.cast::<[u64; 16]>().write([value; 16]) };
                        block
                    });
                    thread::yield_now();
                    for block in held {
                        // SAFETY: it was written just now.
                        let read = unsafe { block.ptr.cast::<[u64; 16]>().read() };
                        assert_eq!(read, [value; 16]);
                        // SAFETY: 1., 2. of this allocator, once; 3. never accessed again.
                        unsafe { cache.release(block, blocks) };
                    }
                }
            });
        }
    });
}

/// Prints what it costs to take a block from the allocator or from a thread's cache and to give it back:
/// `cargo test --release -p zeropool --lib figures -- --nocapture`.
#[test]
fn figures_of_a_block() {
    const ROUNDS: u32 = if cfg!(miri) { 100 } else { 1_000_000 };
    let blocks = BlockAllocator::new();
    let cache = BlockCache::new(&blocks);
    let layout = layout(100, 8);
    let first = cache.acquire(layout, &blocks);
    // SAFETY: 1., 2. of this allocator, once; 3. never accessed.
    unsafe { cache.release(first, &blocks) };
    for _ in 0..3 {
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            let block = cache.acquire(layout, &blocks);
            assert_eq!(block.ptr, first.ptr);
            // SAFETY: as above.
            unsafe { cache.release(std::hint::black_box(block), &blocks) };
        }
        let cached = begun.elapsed().as_nanos() as f64 / f64::from(ROUNDS);
        let begun = Instant::now();
        let expected = blocks.acquire(layout);
        for _ in 0..ROUNDS {
            let block = blocks.acquire(layout);
            assert_ne!(block.ptr, expected.ptr);
            // SAFETY: as above.
            unsafe { blocks.release(std::hint::black_box(block).id) };
        }
        // SAFETY: as above.
        unsafe { blocks.release(expected.id) };
        let shared = begun.elapsed().as_nanos() as f64 / f64::from(ROUNDS);
        println!("a block there and back: {cached:.1} ns by a cache, {shared:.1} ns without one");
    }
}
