//! Whatever a pool is told, in the environment or by its builder: an error that says what is wrong, or a pool that works. Never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use programs::input::Input;
use std::time::Duration;
use zp::{BufferPool, BuildError, Eviction, Pinning, PoolConfig, Scheduling, WhenFull, Zeroing};

/// Small, near a power of two, or anything.
fn number(input: &mut Input<'_>) -> usize {
    match input.below(4) {
        0 => input.below(256),
        1 => (1_usize << input.below(64))
            .wrapping_add(input.below(3))
            .wrapping_sub(1),
        2 => input.wide(),
        _ => (0..4).fold(0, |number, _| (number << 16) | input.wide()),
    }
}

fn duration(input: &mut Input<'_>) -> Duration {
    match input.below(3) {
        0 => Duration::from_micros(number(input) as u64),
        1 => Duration::from_nanos(number(input) as u64),
        _ => Duration::new(number(input) as u64, 999_999_999),
    }
}

fn text(input: &mut Input<'_>) -> String {
    match input.below(3) {
        0 => number(input).to_string(),
        1 => input
            .one_of(&[
                "work-stealing",
                "global-fifo",
                "locked",
                " locked\n",
                "",
                "-1",
                "+5",
                "0x10",
                "1_000",
            ])
            .to_owned(),
        _ => {
            let bytes: Vec<u8> = (0..input.below(20)).map(|_| input.byte()).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
    }
}

/// Errors are for people. (The value is what it is.)
fn check_error(error: &BuildError) {
    let mut text = error.to_string();
    if let BuildError::Invalid { value, .. } = error {
        assert!(text.contains(value.as_str()), "{text:?}");
        text = text.replacen(value.as_str(), "VALUE", 1);
    }
    assert!(!text.is_empty() && !text.contains("  "), "{text:?}");
}

fn environment(input: &mut Input<'_>) {
    let values: Vec<(&str, Option<String>)> = [
        "ZEROPOOL_WORKERS",
        "ZEROPOOL_STACK_SIZE",
        "ZEROPOOL_HEARTBEAT_US",
        "ZEROPOOL_SCHEDULING",
    ]
    .into_iter()
    .map(|name| (name, input.below(4).ne(&3).then(|| text(input))))
    .collect();
    let mut complaints = Vec::new();
    let variable = |name: &str| {
        let found = values.iter().find(|value| value.0 == name);
        found
            .unwrap_or_else(|| panic!("an unknown variable is read: {name}"))
            .1
            .clone()
    };
    let builder = zp::__private::builder_from_variables(variable, |text| complaints.push(text));
    for complaint in complaints {
        assert!(complaint.starts_with("ignoring ZEROPOOL_"), "{complaint}");
    }
    // What has been accepted is valid; few threads, as there may be a thousand.
    match builder.workers(1).build() {
        Ok(pool) => assert_eq!(pool.spawn(|| 1).wait().ok(), Some(1)),
        Err(error) => assert!(matches!(error, BuildError::Thread { .. }), "{error}"),
    }
}

fn threads(input: &mut Input<'_>) {
    let mut builder = zp::Pool::builder();
    let workers = number(input);
    // No more than that for a short test; the rest are refused.
    builder = builder.workers(if workers > 1024 { workers } else { workers % 4 });
    if input.once_in(2) {
        builder = builder.stack_size(number(input));
    }
    if input.once_in(2) {
        builder = builder.heartbeat(duration(input));
    }
    if input.once_in(2) {
        builder = builder.promotion_threshold(number(input) as u32);
    }
    if input.once_in(2) {
        // Its memory is taken at once.
        let tasks = number(input);
        builder = builder.queue_capacity(if tasks > 1 << 24 { tasks } else { tasks % 5000 });
    }
    builder = builder
        .scheduling(input.one_of(&[
            Scheduling::WorkStealing,
            Scheduling::GlobalFifo,
            Scheduling::Locked,
        ]))
        .when_full(input.one_of(&[WhenFull::Block, WhenFull::Fail, WhenFull::RunInCaller]));
    if input.once_in(3) {
        let name = text(input);
        builder = builder.thread_name(move |_| name.clone());
    }
    match builder.build() {
        Ok(pool) => {
            assert_eq!(pool.spawn(|| 1).wait().ok(), Some(1));
            assert_eq!(pool.install(|| zp::join!(1, 2)), (1, 2));
        }
        Err(error) => check_error(&error),
    }
}

fn buffers(input: &mut Input<'_>) {
    let mut config = PoolConfig::new();
    // A few of the settings: if all are arbitrary, one of them is wrong.
    for _ in 0..1 + input.below(5) {
        config = match input.below(16) {
            0 => config.with_tls_cache_size(number(input)),
            1 => config.with_min_buffer_size(number(input)),
            2 => config.with_max_buffers_per_shard(number(input)),
            3 => config.with_shards(number(input)),
            4 => config.with_max_bytes(number(input)),
            5 => config.with_max_idle_bytes(number(input)),
            6 => config.with_eviction(input.one_of(&[Eviction::ClockPro, Eviction::Lifo])),
            7 => config.with_zeroing(input.one_of(&[Zeroing::OnReturn, Zeroing::Never])),
            8 => config.with_pinned(input.one_of(&[
                Pinning::Off,
                Pinning::BestEffort,
                Pinning::Require,
            ])),
            9 => config.with_alignment(number(input)),
            10 => config.with_huge_pages(input.once_in(2)),
            11 => config.with_guard_pages(input.once_in(2)),
            12 => config.with_exclude_from_dumps(input.once_in(2)),
            13 => config.with_wipe_on_fork(input.once_in(2)),
            14 => config.with_idle_decay(duration(input)),
            _ => config.with_worker_wait(duration(input)),
        };
    }
    let pool = match BufferPool::with_config(config.clone()) {
        Ok(pool) => pool,
        Err(error) => return check_error(&error),
    };
    let mut held = Vec::new();
    for _ in 0..1 + input.below(6) {
        let len = number(input) % (1 << input.below(24));
        match pool.try_get(len) {
            Ok(mut buf) => {
                assert!(
                    buf.len() == len && buf.iter().all(|&byte| byte == 0),
                    "{config:?}"
                );
                let alignment = config.alignment();
                assert!(
                    len == 0 || buf.as_ptr().addr().is_multiple_of(alignment),
                    "{config:?}"
                );
                buf.fill(1);
                held.push(buf);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
        if input.once_in(3) {
            held.clear();
        }
    }
    let _ = pool.preallocate(input.below(4), number(input) % (1 << 20));
    drop(held);
    assert_eq!(pool.stats().bytes_in_flight(), 0, "{config:?}");
    if let Some(cap) = config.max_bytes() {
        assert!(pool.stats().peak_bytes() <= cap, "{config:?}");
    }
    pool.trim();
    assert_eq!(pool.stats().bytes_mapped(), 0, "{config:?}");
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    match input.below(8) {
        0 => environment(&mut input),
        1 => threads(&mut input),
        _ => buffers(&mut input),
    }
});
