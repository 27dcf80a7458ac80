//! `try_get_uninit` and `get_uninit_timeout`: as fallible as `try_get` and `get_timeout`, and nothing else than those.

use crate::support::{LIMIT, within_here};
use std::thread;
use std::time::{Duration, Instant};
use zp::{BufError, BufUninit, BufferPool};

const CAP: usize = 64 << 10;
const SOON: Duration = Duration::from_millis(5);

type Request = fn(&BufferPool, usize) -> Result<BufUninit, BufError>;

const REQUESTS: [Request; 2] = [BufferPool::try_get_uninit, |pool, len| {
    pool.get_uninit_timeout(len, SOON)
}];

fn capped() -> BufferPool {
    BufferPool::builder().max_bytes(CAP).build().unwrap()
}

/// What a request does to a pool that has lent all it may.
fn refused(request: Request, len: usize) -> (BufError, u64) {
    let pool = capped();
    let mut held = pool.get(CAP);
    held.fill(7);
    let before = pool.stats();
    let error = request(&pool, len).unwrap_err();
    let after = pool.stats();
    let waits = after.waits();
    assert_eq!(after.timeouts(), waits);
    // Besides these two counts nothing has changed.
    if waits == 0 {
        assert_eq!(after, before);
    }
    assert_eq!(after.bytes_in_flight(), before.bytes_in_flight());
    assert_eq!(after.bytes_mapped(), before.bytes_mapped());
    assert_eq!(after.allocations(), before.allocations());
    assert_eq!((after.returns(), after.discards()), (0, 0));
    assert_eq!(held.len(), CAP);
    assert!(held.iter().all(|&byte| byte == 7));
    // Nor has the request kept anything, or left anybody in line.
    drop(held);
    assert_eq!(pool.stats().bytes_in_flight(), 0);
    assert_eq!(request(&pool, CAP).unwrap().zeroed(), vec![0; CAP]);
    (error, waits)
}

#[test]
fn they_lend_what_is_to_be_filled() {
    for request in REQUESTS {
        let pool = BufferPool::new();
        for len in [1, 100, 4096, 1 << 20, (16 << 20) + 1] {
            // New memory, and then the same again.
            for _ in 0..2 {
                let uninit = request(&pool, len).unwrap();
                assert_eq!((uninit.len(), uninit.is_empty()), (len, false));
                assert!(uninit.capacity() >= len);
                let buf = uninit.zeroed();
                assert!(buf.iter().all(|&byte| byte == 0), "{len}");
                drop(buf);
                let buf = request(&pool, len).unwrap().fill(0xEE);
                assert!(buf.iter().all(|&byte| byte == 0xEE), "{len}");
            }
        }
        let buf = request(&pool, 9).unwrap().read_from(&b"a reader"[..]);
        assert_eq!(buf.unwrap(), b"a reader");
        assert_eq!(pool.stats().bytes_in_flight(), 0);
    }
}

#[test]
fn an_empty_one_can_always_be_had() {
    for request in REQUESTS {
        let pool = capped();
        let held = pool.get(CAP);
        let uninit = request(&pool, 0).unwrap();
        assert_eq!((uninit.len(), uninit.capacity()), (0, 0));
        assert_eq!(pool.stats().bytes_in_flight(), CAP);
        drop(held);
    }
}

#[test]
fn at_the_cap_one_does_not_wait_and_the_other_does() {
    let (error, waits) = refused(REQUESTS[0], 100);
    let expected = BufError::Exhausted {
        requested: 100,
        max_bytes: CAP,
        in_flight: CAP,
    };
    assert_eq!((format!("{error:?}"), waits), (format!("{expected:?}"), 0));

    let began = Instant::now();
    match refused(REQUESTS[1], 100) {
        (
            BufError::TimedOut {
                requested: 100,
                max_bytes: CAP,
                waited,
            },
            1,
        ) => assert!(waited >= SOON && began.elapsed() >= waited),
        other => panic!("{other:?}"),
    }
}

#[test]
fn too_much_is_refused_at_once() {
    for request in REQUESTS {
        for len in [CAP + 1, 32 << 20, usize::MAX] {
            match refused(request, len) {
                (
                    BufError::TooLarge {
                        requested,
                        max_bytes: CAP,
                    },
                    0,
                ) => assert_eq!(requested, len),
                other => panic!("{len}: {other:?}"),
            }
        }
    }
}

/// More than any system has, and less than an object may have.
// Miri has no limit of its own.
#[cfg(all(target_pointer_width = "64", not(miri)))]
#[test]
fn what_the_system_refuses_is_told() {
    for request in REQUESTS {
        let pool = BufferPool::new();
        let held = pool.get_uninit(100).fill(7);
        let before = pool.stats();
        match request(&pool, 1 << 60) {
            Err(BufError::OutOfMemory { requested }) => assert_eq!(requested, 1 << 60),
            other => panic!("{other:?}"),
        }
        assert_eq!(pool.stats().bytes_in_flight(), before.bytes_in_flight());
        assert_eq!(held, [7; 100]);
        assert_eq!(request(&pool, 100).unwrap().zeroed(), [0; 100]);
    }
}

#[test]
fn a_wait_ends_when_a_buffer_is_dropped() {
    let pool = capped();
    let held = pool.get(CAP);
    within_here(LIMIT, || {
        thread::scope(|s| {
            let waiter = s.spawn(|| pool.get_uninit_timeout(CAP, LIMIT).unwrap().fill(1));
            while pool.stats().waits() < 1 {
                thread::yield_now();
            }
            drop(held);
            assert_eq!(waiter.join().unwrap(), vec![1; CAP]);
        });
    });
    assert_eq!((pool.stats().waits(), pool.stats().timeouts()), (1, 0));
}
