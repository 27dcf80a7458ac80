//! Bytes at rest are zero over the full capacity, however the buffer was used and returned. Covers B13.

use super::*;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

const LEN: usize = 4000;

/// Lets `dirty` loose on a buffer full of secrets; then the same memory must be all zero.
fn check(dirty: impl FnOnce(crate::Buf)) {
    let pool = BufferPool::new();
    let mut buf = pool.get(LEN);
    let address = buf.as_ptr();
    buf.fill(0xAB);
    dirty(buf);
    // The shortest request of the class: growth does not touch what was not exposed in this loan, so the bytes
    // are shown as they lay at rest.
    let mut again = pool.get(3585);
    again.resize(again.capacity());
    assert_eq!(again.as_ptr(), address, "the test needs the same block");
    assert!(again.iter().all(|&byte| byte == 0));
    assert_eq!(tally(&pool).allocations(), 1);
}

#[test]
fn after_a_drop() {
    check(drop);
}

#[test]
fn after_a_truncation() {
    check(|mut buf| buf.truncate(1));
}

#[test]
fn after_shrinking_to_nothing() {
    check(|mut buf| buf.resize(0));
}

#[test]
fn after_growth_to_the_capacity_and_back() {
    check(|mut buf| {
        buf.resize(buf.capacity());
        buf.fill(0xCD);
        buf.resize(7);
    });
}

#[test]
fn after_the_bytes_were_taken_out() {
    check(|buf| assert_eq!(buf.into_vec(), [0xAB; LEN]));
}

#[test]
fn after_a_panic_while_lent() {
    check(|mut buf| {
        let payload = catch_unwind(AssertUnwindSafe(move || {
            buf.truncate(3);
            resume_unwind(Box::new("thrown by the test"));
        }));
        assert!(payload.is_err());
    });
}

#[test]
fn after_a_drop_on_another_thread() {
    check(|buf| crate::sync::thread::spawn(|| drop(buf)).join().unwrap());
}

#[test]
fn after_it_was_replaced() {
    check(|buf| {
        let mut place = [buf];
        place[0] = crate::Buf::default();
        assert!(place[0].is_empty());
    });
}

#[test]
fn growth_reads_zero_where_the_buffer_was_written_before() {
    let pool = BufferPool::new();
    let mut buf = pool.get(100);
    buf.fill(0xAB);
    buf.truncate(10);
    buf.resize(buf.capacity());
    assert_eq!(buf[..10], [0xAB; 10]);
    assert!(buf[10..].iter().all(|&byte| byte == 0));
}

#[test]
fn every_way_to_fill_an_uninitialised_buffer_is_wiped() {
    let pool = BufferPool::new();
    let at_rest = |pool: &BufferPool| {
        let mut buf = pool.get(3585);
        buf.resize(buf.capacity());
        assert!(buf.iter().all(|&byte| byte == 0));
    };
    drop(pool.get_uninit(4090).fill(0xAB));
    at_rest(&pool);
    drop(pool.get_uninit(4090).write_from_slice(&[0xAB; 4090]));
    at_rest(&pool);
    drop(pool.get_uninit(4090).fill_with(|| 0xAB));
    at_rest(&pool);
    let mut uninit = pool.get_uninit(4090);
    uninit.as_uninit_mut().fill(MaybeUninit::new(0xAB));
    drop(uninit);
    at_rest(&pool);
    let thrown = catch_unwind(AssertUnwindSafe(|| {
        let mut calls = 0;
        pool.get_uninit(4090).fill_with(|| {
            calls += 1;
            if calls == 30 {
                resume_unwind(Box::new("thrown by the test"));
            }
            0xAB
        })
    }));
    assert!(thrown.is_err());
    at_rest(&pool);
    assert_eq!(tally(&pool).allocations(), 1);
}

#[test]
fn bytes_that_safe_code_uninitialised_are_zeroed_before_they_can_be_read() {
    let pool = BufferPool::new();
    let mut uninit = pool.get_uninit(4090);
    uninit.as_uninit_mut().fill(MaybeUninit::uninit());
    assert_eq!(*uninit.zeroed(), [0; 4090]);
    let mut uninit = pool.get_uninit(4090);
    uninit.as_uninit_mut().fill(MaybeUninit::uninit());
    drop(uninit);
    assert_eq!(*pool.get(4090), [0; 4090]);
}

#[test]
fn debug_output_shows_no_bytes() {
    let mut buf = BufferPool::new().get(3);
    buf.fill(0xAB);
    assert_eq!(format!("{buf:?}"), "Buf { len: 3, capacity: 64, .. }");
    let uninit = BufferPool::new().get_uninit(3);
    assert_eq!(
        format!("{uninit:?}"),
        "BufUninit { len: 3, capacity: 64, .. }"
    );
}

/// What goes back is looked at where it does; see `Home::unmap`.
#[test]
fn what_goes_back_to_the_system_is_zero() {
    let pool = BufferPool::builder()
        .max_idle_bytes(64 << 10)
        .tls_cache_size(1)
        .build()
        .unwrap();
    // The last is not kept; Miri would take minutes to look at it.
    const LARGE: usize = if cfg!(miri) { 128 << 10 } else { 17 << 20 };
    for _ in 0..2 {
        let mut held = Vec::from_iter([100, 5000, 4096, 64 << 10, LARGE].map(|len| pool.get(len)));
        for buf in &mut held {
            buf.resize(buf.capacity());
            buf.fill(0xAB);
            buf.truncate(1);
        }
        // Some are too much, and one is never kept.
        drop(held);
        pool.trim();
    }
    assert_eq!(pool.stats().bytes_mapped(), 0);
    assert!(pool.stats().discards() > 0);
}
