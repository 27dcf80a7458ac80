//! The builder: what it takes, what it refuses and how it says so, names, stacks, hooks and handlers.

use crate::support::{Gate, LIMIT, on_worker, panic_of, pool, times, within};
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

fn refused(builder: zp::Builder) -> (&'static str, String, String) {
    match builder.build() {
        Err(zp::BuildError::Invalid {
            field,
            value,
            valid,
            ..
        }) => (field, value, valid),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bad_value_names_the_field_the_value_and_the_range() {
    let builder = zp::Pool::builder;
    for workers in [0, 1025, usize::MAX] {
        let error = refused(builder().workers(workers));
        assert_eq!(error, ("workers", workers.to_string(), "1 to 1024".into()));
    }
    for bytes in [0, (64 << 10) - 1, (1 << 40) + 1] {
        let error = refused(builder().workers(1).stack_size(bytes));
        let range = format!("{} to {}", 64 << 10, 1_u64 << 40);
        assert_eq!(error, ("stack_size", bytes.to_string(), range));
    }
    for micros in [0, 9, 1_000_001] {
        let heartbeat = Duration::from_micros(micros);
        let error = refused(builder().workers(1).heartbeat(heartbeat));
        let value = format!("{heartbeat:?}");
        assert_eq!(error, ("heartbeat", value, "10µs to 1s".into()));
    }
    for threshold in [0, 1001] {
        let error = refused(builder().workers(1).promotion_threshold(threshold));
        let value = threshold.to_string();
        assert_eq!(error, ("promotion_threshold", value, "1 to 1000".into()));
    }
    let (field, value, _) = refused(builder().workers(2).thread_name(|_| "nul\0".to_owned()));
    assert_eq!((field, value.as_str()), ("thread_name", "\"nul\\0\""));
    let error = builder().workers(0).build().unwrap_err();
    assert_eq!(error.to_string(), "invalid `workers`: 0; valid: 1 to 1024");
}

#[test]
fn nothing_is_started_if_a_value_is_bad() {
    within(LIMIT, || {
        let started = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&started);
        let result = zp::Pool::builder()
            .workers(4)
            .on_thread_start(move |_| {
                count.fetch_add(1, SeqCst);
            })
            .thread_name(|index| if index == 3 { "\0" } else { "fine" }.to_owned())
            .build();
        assert!(result.is_err());
        assert_eq!(
            Arc::strong_count(&started),
            1,
            "the configuration is dropped"
        );
        assert_eq!(started.load(SeqCst), 0);
    });
}

#[test]
fn the_range_of_workers_is_taken() {
    within(LIMIT, || {
        assert!(zp::Pool::new().unwrap().workers() >= 1);
        for workers in [1, 2, times(64, 3)] {
            let pool = pool(workers);
            assert_eq!(pool.workers(), workers);
            assert_eq!(pool.scope(|s| s.spawn(|| 1).join()), 1);
        }
    });
}

#[test]
fn more_workers_than_cores_all_work() {
    within(LIMIT, || {
        let count = times(32, 4);
        let pool = pool(count);
        let met = AtomicUsize::new(0);
        pool.scope(|s| {
            for _ in 0..count {
                s.spawn(|| {
                    met.fetch_add(1, SeqCst);
                    while met.load(SeqCst) < count {
                        thread::yield_now();
                    }
                });
            }
        });
    });
}

#[zp::task]
fn who(#[cx] cx: &mut zp::Context<'_>) -> (Option<usize>, Option<String>) {
    let name = thread::current().name().map(str::to_owned);
    (cx.worker_index(), name)
}

#[test]
fn threads_have_the_names_and_indices_that_were_asked_for() {
    within(LIMIT, || {
        let named = zp::Pool::builder()
            .workers(3)
            .thread_name(|index| format!("render-{index}"))
            .build()
            .unwrap();
        let plain = pool(2);
        for (pool, prefix) in [(named, "render-"), (plain, "zp-worker-")] {
            for _ in 0..times(50, 2) {
                let mut handle = pool.spawn(who {});
                let (index, name) = loop {
                    if let Some(result) = handle.wait_timeout(LIMIT) {
                        break result.unwrap();
                    }
                };
                let index = index.unwrap();
                assert!(index < pool.workers());
                assert_eq!(name.unwrap(), format!("{prefix}{index}"));
            }
        }
    });
}

#[test]
fn a_callers_thread_has_no_index() {
    within(LIMIT, || {
        let pool = pool(1);
        let busy = crate::support::occupy(&pool, 1);
        let (index, _) = pool.scope(|s| s.spawn(who {}).join());
        assert_eq!(index, None);
        drop(busy);
    });
}

fn recurse(levels: usize) -> usize {
    let frame = std::hint::black_box([1_u8; 1024]);
    if levels == 0 {
        return 0;
    }
    recurse(levels - 1) + usize::from(frame[levels % 1024])
}

#[test]
fn the_stack_is_as_large_as_was_asked_for() {
    within(LIMIT, || {
        let big = zp::Pool::builder()
            .workers(1)
            .stack_size(256 << 20)
            .build()
            .unwrap();
        let levels = times(100_000, 10);
        assert_eq!(on_worker(&big, move || recurse(levels)), levels);
        // By default 8 MiB, of which 5 and some are used here.
        let levels = times(3_500, 10);
        assert_eq!(on_worker(&pool(1), move || recurse(levels)), levels);
        let small = zp::Pool::builder()
            .workers(2)
            .stack_size(64 << 10)
            .build()
            .unwrap();
        assert_eq!(small.scope(|s| s.spawn(|| recurse(4)).join()), 4);
        small.install(|| zp::join!(recurse(4), recurse(4)));
    });
}

#[test]
fn hooks_are_called_once_per_worker_on_its_own_thread() {
    within(LIMIT, || {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (start, exit) = (Arc::clone(&seen), Arc::clone(&seen));
        let pool = zp::Pool::builder()
            .workers(4)
            .on_thread_start(move |index| {
                start
                    .lock()
                    .unwrap()
                    .push(("start", index, thread::current().id()));
            })
            .on_thread_exit(move |index| {
                exit.lock()
                    .unwrap()
                    .push(("exit", index, thread::current().id()));
            })
            .build()
            .unwrap();
        pool.scope(|s| {
            for _ in 0..20 {
                s.spawn(thread::yield_now);
            }
        });
        drop(pool);
        let seen = seen.lock().unwrap();
        let all = |what| {
            let hits = seen.iter().filter(|hit| hit.0 == what);
            let indices: Vec<usize> = hits.clone().map(|hit| hit.1).collect();
            assert_eq!(indices.len(), 4);
            assert_eq!(
                indices.iter().copied().collect::<BTreeSet<_>>(),
                BTreeSet::from([0, 1, 2, 3])
            );
            hits.map(|hit| (hit.1, hit.2)).collect::<HashSet<_>>().len()
        };
        assert_eq!((all("start"), all("exit")), (4, 4));
        for &(_, index, thread) in seen.iter() {
            let both = seen.iter().filter(|hit| (hit.1, hit.2) == (index, thread));
            assert_eq!(
                both.count(),
                2,
                "start and exit of one index are on one thread"
            );
        }
    });
}

#[test]
fn hooks_that_panic_are_harmless() {
    within(LIMIT, || {
        let calls = Arc::new(AtomicUsize::new(0));
        let (start, exit) = (Arc::clone(&calls), Arc::clone(&calls));
        let pool = zp::Pool::builder()
            .workers(2)
            .on_thread_start(move |_| {
                start.fetch_add(1, SeqCst);
                panic!("start hook");
            })
            .on_thread_exit(move |_| {
                exit.fetch_add(1, SeqCst);
                panic!("exit hook");
            })
            .build()
            .unwrap();
        assert_eq!(pool.scope(|s| s.spawn(|| 5).join()), 5);
        assert_eq!(on_worker(&pool, || 6), 6);
        drop(pool);
        assert_eq!(calls.load(SeqCst), 4);
    });
}

#[test]
fn a_naming_function_that_panics_starts_nothing() {
    within(LIMIT, || {
        let text = panic_of(|| {
            zp::Pool::builder()
                .workers(2)
                .thread_name(|_| panic!("no name"))
                .build()
        });
        assert_eq!(text, "no name");
    });
}

#[test]
fn a_hook_may_use_the_pool() {
    within(LIMIT, || {
        let sum = Arc::new(AtomicUsize::new(0));
        let add = Arc::clone(&sum);
        let started = Arc::new(Gate::new());
        let begun = Arc::clone(&started);
        let pool = zp::Pool::builder()
            .workers(1)
            .on_thread_start(move |_| {
                add.fetch_add(zp::join!(1, 2).1, SeqCst);
                begun.open();
            })
            .build()
            .unwrap();
        started.wait();
        drop(pool);
        assert_eq!(sum.load(SeqCst), 2);
    });
}
