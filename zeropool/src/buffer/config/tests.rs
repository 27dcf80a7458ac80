use super::*;

#[test]
fn settings_are_the_values_of_the_configuration() {
    let config = PoolConfig::new()
        .with_tls_cache_size(3)
        .with_min_buffer_size(4)
        .with_max_buffers_per_shard(5)
        .with_shards(8)
        .with_max_bytes(1 << 20)
        .with_max_idle_bytes(7)
        .with_eviction(Eviction::Lifo)
        .with_zeroing(Zeroing::Never)
        .with_pinned(Pinning::BestEffort)
        .with_alignment(4096)
        .with_huge_pages(true)
        .with_guard_pages(true)
        .with_exclude_from_dumps(true)
        .with_wipe_on_fork(true)
        .with_idle_decay(Duration::from_secs(9))
        .with_worker_wait(Duration::from_secs(10));
    let settings = config.validated().unwrap();
    assert_eq!(settings.tls_cache_size, 3);
    assert_eq!(settings.min_buffer_size, 4);
    assert_eq!(settings.max_buffers_per_shard, 5);
    assert_eq!(settings.shards, 8);
    assert_eq!(settings.max_bytes, Some(1 << 20));
    assert_eq!(settings.max_idle_bytes, 7);
    assert_eq!(settings.eviction, Eviction::Lifo);
    assert_eq!(settings.zeroing, Zeroing::Never);
    assert_eq!(settings.pinned, Pinning::BestEffort);
    assert_eq!(settings.alignment, 4096);
    assert!(settings.huge_pages && settings.guard_pages);
    assert!(settings.exclude_from_dumps && settings.wipe_on_fork);
    assert_eq!(settings.idle_decay, Some(Duration::from_secs(9)));
    assert_eq!(settings.worker_wait, Duration::from_secs(10));
}

#[test]
fn no_more_rests_than_the_cap() {
    let config = PoolConfig::new().with_max_idle_bytes(1 << 30);
    assert_eq!(config.clone().validated().unwrap().max_idle_bytes, 1 << 30);
    let capped = config.with_max_bytes(1 << 20).validated().unwrap();
    assert_eq!(capped.max_idle_bytes, 1 << 20);
}

#[test]
fn the_defaults_of_every_machine_are_valid() {
    for cores in (0..300).chain([1024, usize::MAX]) {
        let config = PoolConfig::for_machine(Defaults::for_cores(cores));
        assert!(config.validated().is_ok(), "{cores} cores");
    }
}
