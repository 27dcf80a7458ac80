use super::super::pool::Pool;
use crate::sync::thread;
use std::sync::Arc;

fn pool() -> Pool {
    Pool::builder().workers(1).build().unwrap()
}

#[test]
fn all_handles_share_one_reference() {
    let pool = pool();
    let count = || Arc::strong_count(pool.registry());
    let before = count();
    let (first, second) = (pool.spawn(|| 1), pool.spawn(|| 2));
    assert_eq!(count(), before + 1);
    drop(first);
    assert_eq!(count(), before + 1);
    assert_eq!(second.wait().ok(), Some(2));
    assert_eq!(count(), before);
    let third = pool.spawn(|| 3);
    assert_eq!(count(), before + 1);
    pool.wait_idle();
    assert_eq!(count(), before + 1, "the handle is left");
    drop(third);
    assert_eq!(count(), before);
}

#[test]
fn a_handle_keeps_the_registry_beyond_its_pool() {
    let pool = pool();
    let registry = Arc::downgrade(pool.registry());
    let accepted = pool.spawn(|| 1);
    pool.shutdown();
    let rejected = pool.spawn(|| 2);
    drop(pool);
    assert!(registry.upgrade().is_some());
    assert_eq!(accepted.wait().ok(), Some(1));
    assert!(registry.upgrade().is_some());
    assert!(rejected.wait().unwrap_err().is_rejected());
    assert!(registry.upgrade().is_none());
}

#[test]
fn threads_that_make_and_drop_handles_leave_none() {
    let rounds = if cfg!(miri) { 10 } else { 10_000 };
    let pool = pool();
    let registry = Arc::downgrade(pool.registry());
    let before = registry.strong_count();
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| (0..rounds).for_each(|_| drop(pool.spawn(|| ()))));
        }
    });
    pool.wait_idle();
    assert_eq!(registry.strong_count(), before);
    assert_eq!(pool.stats().callers.spawned, 3 * rounds);
    drop(pool);
    assert!(registry.upgrade().is_none());
}
