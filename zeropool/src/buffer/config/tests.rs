use super::super::memory::Protections;
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
    assert!(settings.huge_pages);
    assert!(!settings.guard_pages && !settings.exclude_from_dumps && !settings.wipe_on_fork);
    assert_eq!(settings.idle_decay, Some(Duration::from_secs(9)));
    assert_eq!(settings.worker_wait, Duration::from_secs(10));
}

#[test]
fn a_protection_is_a_setting_where_the_system_has_it_and_an_error_elsewhere() {
    type Set = fn(PoolConfig) -> PoolConfig;
    type Get = fn(&Settings) -> bool;
    let here = Protections::available();
    let protections: [(&str, bool, Set, Get); 3] = [
        (
            "guard_pages",
            here.guard_pages(),
            |c| c.with_guard_pages(true),
            |s| s.guard_pages,
        ),
        (
            "exclude_from_dumps",
            here.dump_exclusion(),
            |c| c.with_exclude_from_dumps(true),
            |s| s.exclude_from_dumps,
        ),
        (
            "wipe_on_fork",
            here.fork_wiping(),
            |c| c.with_wipe_on_fork(true),
            |s| s.wipe_on_fork,
        ),
    ];
    for (name, is_here, set, get) in protections {
        match set(PoolConfig::new()).validated() {
            Ok(settings) => assert!(is_here && get(&settings), "{name}"),
            Err(error) => assert!(
                !is_here && matches!(error, BuildError::Unavailable { field, .. } if field == name),
                "{name}: {error}"
            ),
        }
    }
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
