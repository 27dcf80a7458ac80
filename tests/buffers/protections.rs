//! Buffers for secrets. What the system did is checked beside the code that asks it; here is what the pool makes of it. Covers B14
//! and E13.

use zp::{BufError, BufferPool, BuildError, Pinning, Protections};

#[test]
fn what_the_system_lacks_is_said_when_the_pool_is_built() {
    let available = Protections::available();
    let checks = [
        (
            available.dump_exclusion(),
            BufferPool::builder().exclude_from_dumps(true).build(),
        ),
        (
            available.fork_wiping(),
            BufferPool::builder().wipe_on_fork(true).build(),
        ),
        (
            available.guard_pages(),
            BufferPool::builder().guard_pages(true).build(),
        ),
        (
            available.locking(),
            BufferPool::builder().pinned(Pinning::Require).build(),
        ),
    ];
    for (available, built) in checks {
        match built {
            Ok(pool) => {
                assert!(available);
                match pool.try_get(5000) {
                    Ok(mut buf) => buf.fill(1),
                    // Another test has locked all that this process may lock.
                    Err(error) => assert!(matches!(error, BufError::LockFailed { .. }), "{error}"),
                }
            }
            Err(error) => {
                assert!(!available);
                assert!(matches!(error, BuildError::Unavailable { .. }), "{error}");
            }
        }
    }
}

#[test]
fn best_effort_is_counted() {
    let pool = BufferPool::builder()
        .pinned(Pinning::BestEffort)
        .build()
        .unwrap();
    let buf = pool.get(64 << 10);
    let stats = pool.stats();
    assert_eq!(stats.bytes_pinned() > 0, stats.lock_failures() == 0);
    if stats.bytes_pinned() > 0 {
        assert_eq!(stats.bytes_pinned(), stats.bytes_mapped());
    }
    drop(buf);
    pool.trim();
    assert_eq!(pool.stats().bytes_pinned(), 0);
}

#[test]
fn secrets_are_not_printed() {
    let pool = BufferPool::new();
    let mut buf = pool.get(3);
    buf.copy_from_slice(b"key");
    for text in [
        format!("{buf:?}"),
        format!("{pool:?}"),
        format!("{:?}", pool.stats()),
    ] {
        assert!(!text.contains("107") && !text.contains("key"), "{text}");
    }
}
