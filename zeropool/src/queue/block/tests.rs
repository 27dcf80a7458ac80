//! The block allocator on real threads and under Miri.

use super::*;
use crate::sync::thread;

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
