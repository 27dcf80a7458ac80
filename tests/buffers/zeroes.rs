//! No byte of one user is ever visible to the next. Covers B13, P1 to P4.

use crate::support::{LIMIT, times, within_here};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;
use zp::{Buf, BufferPool, Zeroing};

/// All bytes that whoever gets this buffer can see.
fn all_zero(mut buf: Buf) -> bool {
    buf.resize(buf.capacity());
    buf.iter().all(|&byte| byte == 0)
}

/// Leaves secrets in a buffer and lets go of it in one of many ways.
fn use_and_leave(pool: &BufferPool, len: usize, way: usize) {
    let mut buf = match way % 3 {
        0 => pool.get(len),
        1 => pool.get_uninit(len).fill(0xAB),
        _ => {
            let mut uninit = pool.get_uninit(len);
            uninit.as_uninit_mut().fill(MaybeUninit::new(0xAB));
            if way.is_multiple_of(2) {
                return;
            }
            uninit.zeroed()
        }
    };
    buf.fill(0xAB);
    match way % 7 {
        0 => drop(buf),
        1 => buf.truncate(len / 2),
        2 => {
            buf.resize(buf.capacity());
            buf.fill(0xCD);
            buf.resize(len / 3);
        }
        3 => drop(buf.into_vec()),
        4 => {
            let thrown = catch_unwind(AssertUnwindSafe(move || {
                buf.truncate(1);
                resume_unwind(Box::new("thrown by the test"));
            }));
            assert!(thrown.is_err());
        }
        5 => {
            let view = buf.freeze();
            let part = view.slice(len / 4..);
            drop(view);
            assert!(part.iter().all(|&byte| byte == 0xAB));
        }
        _ => thread::scope(|s| {
            s.spawn(move || drop(buf));
        }),
    }
}

fn canaries(pool: &BufferPool) {
    within_here(LIMIT, || {
        thread::scope(|s| {
            let workers = [0, 1, 2_u64].map(|seed| {
                s.spawn(move || {
                    let mut random = seed * 31 + 7;
                    for _ in 0..times(200, 3) {
                        random = random
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(11);
                        let draw = |shift: u32| (random >> shift) as usize;
                        let len = match draw(20) % 5 {
                            0 => 1 + draw(40) % 300,
                            1 => 5000,
                            2 => 64 << 10,
                            3 => 2 << 20,
                            _ => 1 + draw(40) % 30_000,
                        };
                        assert!(all_zero(pool.get(len)), "{len}");
                        use_and_leave(pool, len, draw(33) % 42);
                        if random.is_multiple_of(16) {
                            pool.flush_thread_cache();
                        }
                        if random.is_multiple_of(64) {
                            pool.trim();
                        }
                    }
                })
            });
            for worker in workers {
                // The end of a scope does not wait for the destructors of thread-locals, which return what a thread has cached.
                worker.join().unwrap();
            }
        });
    });
    assert_eq!(pool.stats().bytes_in_flight(), 0);
}

#[test]
fn no_byte_survives_any_way_to_return_a_buffer() {
    canaries(&BufferPool::new());
}

#[test]
fn nor_at_the_cap() {
    canaries(&BufferPool::builder().max_bytes(9 << 20).build().unwrap());
}

#[test]
fn nor_for_a_reader_of_a_pool_that_does_not_wipe() {
    let pool = BufferPool::builder()
        .zeroing(Zeroing::Never)
        .tls_cache_size(3)
        .build()
        .unwrap();
    canaries(&pool);
}

#[test]
fn a_pool_that_does_not_wipe_zeroes_what_it_lends() {
    let pool = BufferPool::builder()
        .zeroing(Zeroing::Never)
        .build()
        .unwrap();
    let mut buf = pool.get(4096);
    buf.fill(0xAB);
    let address = buf.as_ptr();
    drop(buf);
    let mut buf = pool.get(4000);
    assert_eq!(buf.as_ptr(), address);
    assert!(buf.iter().all(|&byte| byte == 0));
    // The old bytes behind the length are zeroed as it grows.
    buf.resize(4096);
    assert!(buf.iter().all(|&byte| byte == 0));
    buf.fill(0xAB);
    buf.truncate(10);
    buf.resize(4096);
    assert!(buf[10..].iter().all(|&byte| byte == 0));
}
