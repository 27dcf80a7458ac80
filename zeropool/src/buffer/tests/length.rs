//! Every length: none, small, large, too large. Covers B5.

use super::super::class::POOLED_BYTES_MAX;
use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn an_empty_buffer_allocates_nothing() {
    let pool = BufferPool::new();
    let mut buf = pool.get(0);
    assert_eq!((buf.len(), buf.capacity()), (0, 0));
    buf.resize(0);
    assert_eq!(*buf, []);
    drop(buf);
    assert_eq!(pool.get_uninit(0).as_uninit_mut().len(), 0);
    assert_eq!(*pool.get_uninit(0).write_from_slice(&[]), []);
    assert_eq!(tally(&pool).allocations(), 0);
}

#[test]
fn length_capacity_and_alignment_fit_the_request() {
    let pool = BufferPool::new();
    for len in [
        1,
        63,
        64,
        65,
        256,
        257,
        4095,
        4096,
        4097,
        65_536,
        1_000_000,
        4 << 20,
    ] {
        let buf = pool.get(len);
        assert_eq!(buf.len(), len);
        assert!(buf.capacity() >= len);
        let align = if len.is_multiple_of(4096) { 4096 } else { 64 };
        assert!(buf.as_ptr().addr().is_multiple_of(align), "{len}");
        let uninit = pool.get_uninit(len);
        assert_eq!(uninit.len(), len);
        assert!(!uninit.is_empty());
    }
}

#[test]
fn a_huge_request_is_served_exactly_and_not_kept() {
    let pool = BufferPool::new();
    let len = POOLED_BYTES_MAX + 1;
    let mut buf = pool.get(len);
    assert_eq!((buf.len(), buf.capacity()), (len, len));
    buf[len - 1] = 1;
    drop(buf);
    assert_eq!((tally(&pool).allocations(), tally(&pool).alive()), (1, 0));
}

#[test]
fn a_small_request_never_takes_a_large_block() {
    let pool = BufferPool::new();
    drop(pool.get(1 << 20));
    assert_eq!(pool.get(1).capacity(), 64);
    assert_eq!(pool.stats().local_hits(), 0);
}

#[test]
fn a_request_larger_than_an_object_can_be_panics() {
    let pool = BufferPool::new();
    for len in [usize::MAX, isize::MAX as usize] {
        let thrown = catch_unwind(AssertUnwindSafe(|| pool.get(len))).unwrap_err();
        let text = thrown.downcast_ref::<String>().unwrap();
        assert!(text.contains(&len.to_string()), "{text}");
    }
    // The pool is none the worse.
    assert_eq!(pool.get(1).len(), 1);
}

#[test]
#[should_panic(
    expected = "a buffer with a capacity of 64 bytes cannot be resized to 65; a buffer does not grow, get one of that length"
)]
fn resize_stops_at_the_capacity() {
    BufferPool::new().get(1).resize(65);
}

#[test]
#[should_panic(expected = "a slice of 2 bytes cannot fill a buffer of 3")]
fn a_slice_has_to_have_the_length_of_the_buffer() {
    let _ = BufferPool::new().get_uninit(3).write_from_slice(&[1, 2]);
}
