//! Buffers lent to tasks. Covers D6 and P4.

use crate::support::{LIMIT, within_here};
use zp::{Buf, BufUninit, BufferPool, Pool, TaskError};

#[zp::task]
fn slice(len: usize, #[buf(len)] scratch: &mut [u8]) -> bool {
    let clean = scratch.iter().all(|&byte| byte == 0);
    scratch.fill(0xAB);
    clean && scratch.len() == len
}

#[zp::task]
fn resized(len: usize, #[buf(len)] scratch: &mut Buf) -> bool {
    let clean = scratch.iter().all(|&byte| byte == 0);
    scratch.resize(scratch.capacity());
    let clean = clean && scratch.iter().all(|&byte| byte == 0);
    scratch.fill(0xAB);
    clean
}

#[zp::task]
fn filled(value: u8, #[buf(1000)] result: BufUninit) -> Buf {
    result.fill(value)
}

#[zp::task]
fn given(#[buf(1000)] mut result: Buf) -> Buf {
    assert!(result.iter().all(|&byte| byte == 0));
    result[0] = 1;
    result
}

#[zp::task]
fn panics(#[buf(1000)] scratch: &mut [u8]) {
    scratch.fill(0xAB);
    panic!("meant by the test");
}

#[zp::batch]
fn fill_each(#[each] value: &u8, #[buf(1000)] mut result: Buf) -> Buf {
    assert!(result.iter().all(|&byte| byte == 0));
    result.fill(*value);
    result
}

fn pools() -> (Pool, BufferPool) {
    let buffers = BufferPool::new();
    let pool = Pool::builder()
        .workers(2)
        .buffers(buffers.clone())
        .build()
        .unwrap();
    (pool, buffers)
}

#[test]
fn every_kind_of_buffer_is_clean_and_comes_home() {
    let (pool, buffers) = pools();
    within_here(LIMIT, || {
        for _ in 0..10 {
            assert!(pool.spawn(slice { len: 1000 }).wait().unwrap());
            assert!(pool.spawn(resized { len: 900 }).wait().unwrap());
            let buf = pool.spawn(filled { value: 7 }).wait().unwrap();
            assert_eq!(*buf, [7; 1000]);
            assert_eq!(buffers.stats().bytes_in_flight(), buf.capacity());
            let buf = pool.spawn(given {}).wait().unwrap();
            assert_eq!((buf[0], buf.len()), (1, 1000));
        }
    });
    drop(pool);
    assert_eq!(buffers.stats().bytes_in_flight(), 0);
    assert!(buffers.stats().local_hits() + buffers.stats().shared_hits() > 30);
}

#[test]
fn a_buffer_comes_home_wiped_from_a_task_that_panics() {
    let (pool, buffers) = pools();
    within_here(LIMIT, || {
        for _ in 0..10 {
            let outcome = pool.spawn(panics {}).wait();
            assert!(matches!(outcome, Err(TaskError::Panicked(_))));
            assert!(pool.spawn(resized { len: 1000 }).wait().unwrap());
        }
    });
    drop(pool);
    assert_eq!(buffers.stats().bytes_in_flight(), 0);
}

#[test]
fn a_scope_and_a_join_lend_too() {
    let (pool, buffers) = pools();
    let (first, second) = within_here(LIMIT, || {
        pool.scope(|s| {
            let first = s.spawn(filled { value: 1 });
            let second = s.spawn(filled { value: 2 });
            (first.join(), second.join())
        })
    });
    assert_eq!((first[999], second[999]), (1, 2));
    let (one, other) = pool.install(|| zp::join!(filled(3, _), filled(4, _)));
    assert_eq!((one[0], other[0]), (3, 4));
    drop((first, second, one, other));
    assert_eq!(buffers.stats().bytes_in_flight(), 0);
}

#[test]
fn a_batch_lends_one_to_each_item_and_they_travel_to_the_caller() {
    let (pool, buffers) = pools();
    let values = Vec::from_iter(0..100_u8);
    let bufs: Vec<Buf> = pool.install(|| fill_each::over(&values).collect());
    assert!(
        bufs.iter()
            .zip(&values)
            .all(|(buf, value)| buf.iter().all(|byte| byte == value))
    );
    drop(bufs);
    assert_eq!(buffers.stats().bytes_in_flight(), 0);
}
