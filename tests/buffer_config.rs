//! How a buffer pool is configured: what it takes, what it refuses and how it says so, and that both ways are one.

use std::time::Duration;
use zp::{BufferPool, BufferPoolBuilder, Eviction, Pinning, PoolConfig, Zeroing};

/// The same setting made in both ways.
type Both = (PoolConfig, BufferPoolBuilder);

macro_rules! both {
    ($($name:ident, $with:ident = $value:expr);+) => {
        (PoolConfig::new()$(.$with($value))+, BufferPool::builder()$(.$name($value))+)
    };
}

/// What both ways say about it, which has to be the same.
fn refused((config, builder): Both) -> (&'static str, String, String) {
    let errors = [BufferPool::with_config(config), builder.build()].map(|result| match result {
        Err(zp::BuildError::Invalid {
            field,
            value,
            valid,
            ..
        }) => (field, value, valid),
        other => panic!("{other:?}"),
    });
    let [first, second] = errors;
    assert_eq!(first, second);
    first
}

fn accepted((config, builder): Both) {
    for pool in [BufferPool::with_config(config), builder.build()] {
        assert_eq!(pool.unwrap().get(100).len(), 100);
    }
}

// covers B6, B7
#[test]
fn a_number_out_of_range_is_refused_by_name() {
    for size in [1025, usize::MAX] {
        let error = refused(both!(tls_cache_size, with_tls_cache_size = size));
        assert_eq!(
            error,
            ("tls_cache_size", size.to_string(), "0 to 1024".into())
        );
    }
    for size in [(16 << 20) + 1, usize::MAX] {
        let error = refused(both!(min_buffer_size, with_min_buffer_size = size));
        let range = "0 to 16777216".to_owned();
        assert_eq!(error, ("min_buffer_size", size.to_string(), range));
    }
    for count in [(1 << 20) + 1, usize::MAX] {
        let error = refused(both!(
            max_buffers_per_shard,
            with_max_buffers_per_shard = count
        ));
        let range = "0 to 1048576".to_owned();
        assert_eq!(error, ("max_buffers_per_shard", count.to_string(), range));
    }
    for bytes in [0, 1, 4095] {
        let error = refused(both!(max_bytes, with_max_bytes = bytes));
        let range = "4096 or more, or none".to_owned();
        assert_eq!(error, ("max_bytes", bytes.to_string(), range));
    }
}

#[test]
fn what_has_to_be_a_power_of_two_is_one() {
    for shards in [0, 3, 255, 512, usize::MAX] {
        let error = refused(both!(shards, with_shards = shards));
        let range = "a power of two from 1 to 256".to_owned();
        assert_eq!(error, ("shards", shards.to_string(), range));
    }
    for alignment in [0, 1, 32, 65, 4095, 1 << 31] {
        let error = refused(both!(alignment, with_alignment = alignment));
        let range = "a power of two from 64 to 1073741824".to_owned();
        assert_eq!(error, ("alignment", alignment.to_string(), range));
    }
    let error = BufferPool::builder().shards(0).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid `shards`: 0; valid: a power of two from 1 to 256"
    );
}

#[test]
fn a_duration_out_of_range_is_refused_by_name() {
    let day = Duration::from_secs(24 * 60 * 60);
    let moment = Duration::from_nanos(1);
    for decay in [
        Duration::ZERO,
        Duration::from_micros(999),
        day + moment,
        Duration::MAX,
    ] {
        let error = refused(both!(idle_decay, with_idle_decay = decay));
        let range = "1ms to 86400s".to_owned();
        assert_eq!(error, ("idle_decay", format!("{decay:?}"), range));
    }
    for wait in [Duration::from_secs(3600) + moment, Duration::MAX] {
        let error = refused(both!(worker_wait, with_worker_wait = wait));
        let range = "0ns to 3600s".to_owned();
        assert_eq!(error, ("worker_wait", format!("{wait:?}"), range));
    }
}

#[test]
fn a_contradiction_names_the_other_setting() {
    let error = refused(both!(
        max_bytes, with_max_bytes = 65_536;
        min_buffer_size, with_min_buffer_size = 65_537
    ));
    let range = "0 to 65536, which is `max_bytes` in whole pages".to_owned();
    assert_eq!(error, ("min_buffer_size", "65537".into(), range));

    let error = refused(both!(
        alignment, with_alignment = 2 << 20;
        max_bytes, with_max_bytes = 1 << 20
    ));
    let range = "a power of two from 64 to 1048576, which is `max_bytes` in whole pages".to_owned();
    assert_eq!(error, ("alignment", "2097152".into(), range));

    // Without a cap there is nothing to contradict.
    accepted(both!(
        alignment, with_alignment = 2 << 20;
        min_buffer_size, with_min_buffer_size = 65_537;
        max_bytes, with_max_bytes = None
    ));
}

#[test]
fn the_limits_themselves_are_accepted() {
    accepted(both!(
        tls_cache_size, with_tls_cache_size = 0;
        max_buffers_per_shard, with_max_buffers_per_shard = 0;
        max_idle_bytes, with_max_idle_bytes = 0;
        shards, with_shards = 1;
        max_bytes, with_max_bytes = 4096;
        min_buffer_size, with_min_buffer_size = 4096;
        alignment, with_alignment = 64;
        idle_decay, with_idle_decay = Duration::from_millis(1);
        worker_wait, with_worker_wait = Duration::ZERO
    ));
    accepted(both!(
        tls_cache_size, with_tls_cache_size = 1024;
        max_buffers_per_shard, with_max_buffers_per_shard = 1 << 20;
        max_idle_bytes, with_max_idle_bytes = usize::MAX;
        shards, with_shards = 256;
        max_bytes, with_max_bytes = usize::MAX;
        idle_decay, with_idle_decay = None;
        worker_wait, with_worker_wait = Duration::from_secs(3600)
    ));
}

#[test]
fn getters_say_what_was_set_and_both_ways_keep_the_same() {
    let (config, builder) = both!(
        tls_cache_size, with_tls_cache_size = 3;
        min_buffer_size, with_min_buffer_size = 512;
        max_buffers_per_shard, with_max_buffers_per_shard = 5;
        shards, with_shards = 8;
        max_bytes, with_max_bytes = 1 << 20;
        max_idle_bytes, with_max_idle_bytes = 7;
        eviction, with_eviction = Eviction::Lifo;
        zeroing, with_zeroing = Zeroing::Never;
        pinned, with_pinned = Pinning::BestEffort;
        alignment, with_alignment = 4096;
        huge_pages, with_huge_pages = true;
        guard_pages, with_guard_pages = true;
        exclude_from_dumps, with_exclude_from_dumps = true;
        wipe_on_fork, with_wipe_on_fork = true;
        idle_decay, with_idle_decay = None;
        worker_wait, with_worker_wait = Duration::from_millis(20)
    );
    assert_eq!(config.tls_cache_size(), 3);
    assert_eq!(config.min_buffer_size(), 512);
    assert_eq!(config.max_buffers_per_shard(), 5);
    assert_eq!(config.shards(), 8);
    assert_eq!(config.max_bytes(), Some(1 << 20));
    assert_eq!(config.max_idle_bytes(), 7);
    assert_eq!(config.eviction(), Eviction::Lifo);
    assert_eq!(config.zeroing(), Zeroing::Never);
    assert_eq!(config.pinned(), Pinning::BestEffort);
    assert_eq!(config.alignment(), 4096);
    assert!(config.huge_pages() && config.guard_pages());
    assert!(config.exclude_from_dumps() && config.wipe_on_fork());
    assert_eq!(config.idle_decay(), None);
    assert_eq!(config.worker_wait(), Duration::from_millis(20));

    // A builder has no getters; what it prints names every value.
    let expected = format!("BufferPoolBuilder {{ config: {config:?} }}");
    assert_eq!(format!("{builder:?}"), expected);
    assert_ne!(
        format!("{:?}", BufferPool::builder()),
        expected,
        "the values are not the defaults"
    );
}

// covers B16
#[test]
fn the_defaults_are_those_documented() {
    let config = PoolConfig::new();
    assert_eq!(config, PoolConfig::default());
    assert_eq!(config, config.clone());
    assert_ne!(config, config.clone().with_alignment(128));
    assert_eq!(config.min_buffer_size(), 0);
    assert_eq!(config.max_bytes(), None);
    assert_eq!(config.eviction(), Eviction::ClockPro);
    assert_eq!(config.zeroing(), Zeroing::OnReturn);
    assert_eq!(config.pinned(), Pinning::Off);
    assert_eq!(config.alignment(), 64);
    assert!(!config.huge_pages() && !config.guard_pages());
    assert!(!config.exclude_from_dumps() && !config.wipe_on_fork());
    assert_eq!(config.idle_decay(), Some(Duration::from_secs(10)));
    assert_eq!(config.worker_wait(), Duration::from_secs(1));
    // The row of this machine; the table is tested where it stands.
    assert!([7, 15].contains(&config.tls_cache_size()));
    assert!((2..=64).contains(&config.shards()) && config.shards().is_power_of_two());
    assert!(config.max_buffers_per_shard() >= 1024);
    assert!(config.max_idle_bytes() >= 64 << 20);
}

#[test]
fn what_is_unavailable_is_said_with_the_reason() {
    let error = zp::BuildError::Unavailable {
        field: "wipe_on_fork",
        reason: "the kernel does not know MADV_WIPEONFORK".to_owned(),
    };
    assert_eq!(
        error.to_string(),
        "`wipe_on_fork` is not available here: the kernel does not know MADV_WIPEONFORK"
    );
}
