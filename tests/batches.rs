//! Batches over slices, vectors, chunks and indices: every terminal, at every length and number of workers.

use crate::support::{LIMIT, Ledger, Token, panic_of, pool as pool_of, times, within};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// Lengths around the ends of blocks, tried-out parts and chunks.
const LENGTHS: &[usize] = if cfg!(miri) {
    &[0, 1, 3, 65]
} else {
    &[0, 1, 2, 3, 63, 64, 65, 127, 128, 1000, 1023, 5000]
};

fn on_each_pool(test: impl Fn(&zp::Pool) + Send + 'static) {
    within(LIMIT, move || {
        let workers: &[usize] = if cfg!(miri) { &[1, 2] } else { &[1, 2, 4] };
        for &workers in workers {
            test(&pool_of(workers));
        }
    });
}

#[test]
fn run_calls_each_item_once() {
    on_each_pool(|pool| {
        for &n in LENGTHS {
            let calls: Vec<AtomicUsize> = (0..n).map(|_| AtomicUsize::new(0)).collect();
            zp::each(&calls, |call| {
                call.fetch_add(1, Relaxed);
            })
            .on(pool)
            .run();
            assert!(calls.iter().all(|call| call.load(Relaxed) == 1), "{n}");
        }
    });
}

#[test]
fn collect_keeps_the_order() {
    on_each_pool(|pool| {
        for &n in LENGTHS {
            for grain in [None, Some(0), Some(1), Some(7), Some(usize::MAX)] {
                let batch = zp::times(n, |i| i * 3).on(pool);
                let batch = match grain {
                    Some(grain) => batch.grain(grain),
                    None => batch,
                };
                let expected: Vec<usize> = (0..n).map(|i| i * 3).collect();
                assert_eq!(batch.collect(), expected, "{n} items, grain {grain:?}");
            }
        }
    });
}

#[test]
fn items_by_value_and_results_are_dropped_once() {
    on_each_pool(|pool| {
        for &n in LENGTHS {
            let drops = Ledger::new();
            let items: Vec<Token> = (0..n).map(|_| drops.token()).collect();
            let results = zp::map(items, |item| (item, drops.token()))
                .on(pool)
                .collect();
            assert_eq!((results.len(), drops.dropped()), (n, 0));
            drop(results);
            assert_eq!(drops.dropped(), 2 * n);
        }
    });
}

#[test]
fn mutable_items_and_slots() {
    on_each_pool(|pool| {
        for &n in LENGTHS {
            let mut items: Vec<usize> = (0..n).collect();
            let mut old = vec![usize::MAX; n];
            zp::map(&mut items, |item| std::mem::replace(item, *item + 1))
                .on(pool)
                .write_to(&mut old);
            assert!(items.iter().enumerate().all(|(i, &item)| item == i + 1));
            assert!(old.iter().enumerate().all(|(i, &item)| item == i));

            let mut places: Vec<MaybeUninit<String>> =
                (0..n).map(|_| MaybeUninit::uninit()).collect();
            let texts = zp::map(&old, usize::to_string)
                .on(pool)
                .write_uninit(&mut places);
            assert!(
                texts
                    .iter()
                    .enumerate()
                    .all(|(i, text)| *text == i.to_string())
            );
            for text in texts {
                drop(std::mem::take(text));
            }
        }
    });
}

#[test]
fn pairs_chunks_and_ranges() {
    on_each_pool(|pool| {
        for &n in LENGTHS {
            let a: Vec<usize> = (0..n).collect();
            let mut b = vec![1; n];
            zp::each((&a, &mut b), |(a, b)| *b += a).on(pool).run();
            assert!(b.iter().enumerate().all(|(i, &b)| b == i + 1));
            for size in [1, 2, 7, 5000, usize::MAX] {
                let sums = zp::chunks(&a, size, |chunk| chunk.iter().sum::<usize>())
                    .on(pool)
                    .collect();
                let expected: Vec<usize> = a.chunks(size).map(|c| c.iter().sum()).collect();
                assert_eq!(sums, expected);
                zp::chunks(&mut b, size, |chunk| chunk.fill(0))
                    .on(pool)
                    .run();
            }
            assert!(b.iter().all(|&b| b == 0));
            let shifted = zp::map(10..10 + n, |i| i).on(pool).collect();
            assert!(shifted.iter().enumerate().all(|(i, &x)| x == i + 10));
        }
    });
}

#[test]
fn a_vector_of_tasks() {
    struct Square(u64);
    impl zp::Task for Square {
        type Output = u64;
        fn run(self, cx: &mut zp::Context<'_>) -> u64 {
            assert!(!cx.is_cancelled());
            self.0 * self.0
        }
    }
    on_each_pool(|pool| {
        let results = zp::batch_of((0..300).map(Square).collect())
            .on(pool)
            .collect();
        assert!(results.iter().zip(0..).all(|(&result, i)| result == i * i));
    });
}

#[test]
fn zero_sized_items_and_results() {
    on_each_pool(|pool| {
        let units = zp::map(vec![(); 1000], |()| ()).on(pool).collect();
        assert_eq!(units.len(), 1000);
        let count = AtomicUsize::new(0);
        zp::each(&mut [(); 777], |()| {
            count.fetch_add(1, Relaxed);
        })
        .on(pool)
        .run();
        assert_eq!(count.into_inner(), 777);
    });
}

#[test]
fn reduce_has_one_shape() {
    // Not associative, so that any other grouping shows.
    let combine = |a: String, b: String| format!("({a}{b})");
    // A slow first item, after which the rest is shared, if there are others.
    let text = |i: usize, takes| {
        if i == 0 {
            thread::sleep(takes);
        }
        i.to_string()
    };
    for n in [1, 2, 3, 255, 256, 257, 600] {
        let shapes: Vec<String> = [(1, 0), (2, 0), (4, 0), (2, 1), (4, 1)]
            .map(|(workers, ms)| {
                zp::map(0..n, |i| text(i, Duration::from_millis(ms)))
                    .on(&pool_of(workers))
                    .grain(workers * 13)
                    .reduce("identity".to_owned(), combine)
            })
            .to_vec();
        assert!(shapes.iter().all(|shape| *shape == shapes[0]), "{n}");
        assert!(!shapes[0].contains("identity"));
    }
    let empty = zp::map(0..0, |i| i.to_string()).reduce("identity".to_owned(), combine);
    assert_eq!(empty, "identity");
}

/// Whether the first block is quick, so that all run on one thread, or slow, so that the rest is shared out.
#[test]
fn reduce_drops_once_what_a_panic_leaves() {
    let n = times(600, 260);
    for (first_takes, bad) in [0, 2].into_iter().flat_map(|ms| {
        let places = [0, 1, 2, n / 4, n / 2, n - 1];
        places.map(move |bad| (Duration::from_millis(ms), bad))
    }) {
        let (drops, pool) = (Ledger::new(), pool_of(3));
        let panicked = panic_of(|| {
            zp::times(n, |i| {
                if i == 0 {
                    thread::sleep(first_takes);
                }
                assert_ne!(i, bad, "the bad one");
                drops.token()
            })
            .on(&pool)
            .reduce(drops.token(), |a, _b| a);
        });
        assert!(panicked.contains("the bad one"), "{panicked}");
        assert_eq!(drops.dropped(), drops.made(), "item {bad}");
    }
}

#[test]
fn the_same_bits_whatever_the_workers() {
    let numbers: Vec<f32> = (0..100_000).map(|i| (i as f32).sin() * 1e-3).collect();
    let sums = [1, 2, 4].map(|workers| {
        let pool = pool_of(workers);
        zp::map(&numbers, |x| *x)
            .on(&pool)
            .reduce(0.0, |a, b| a + b)
            .to_bits()
    });
    assert_eq!(sums, [sums[0]; 3]);
}

#[test]
fn the_leftmost_error_wins() {
    on_each_pool(|pool| {
        for &n in LENGTHS {
            for bad in [0, 1, n / 3, n / 2, n.saturating_sub(1)] {
                let drops = Ledger::new();
                let result = zp::times(n, |i| {
                    if i >= bad && i % 2 == bad % 2 {
                        Err(i)
                    } else {
                        Ok(drops.token())
                    }
                })
                .on(pool)
                .try_collect();
                match result {
                    Ok(values) => assert_eq!((values.len(), n), (n, n.min(bad))),
                    Err(error) => assert_eq!(error, bad),
                }
                assert_eq!(drops.dropped(), drops.made());
            }
        }
    });
}

#[test]
fn an_error_before_a_panic_wins() {
    on_each_pool(|pool| {
        for _ in 0..20 {
            let result = zp::times(500, |i| match i {
                100 => Err("an error"),
                300 => panic!("a panic"),
                _ => Ok(()),
            })
            .on(pool)
            .try_collect();
            assert_eq!(result.err(), Some("an error"));
        }
    });
}

#[test]
fn a_panic_drops_what_was_made_and_resumes() {
    on_each_pool(|pool| {
        let lengths: &[usize] = if cfg!(miri) {
            &[2, 65]
        } else {
            &[1, 2, 64, 500, 3000]
        };
        for &n in lengths {
            for bad in [0, n / 2, n - 1] {
                let drops = Ledger::new();
                let items: Vec<Token> = (0..n).map(|_| drops.token()).collect();
                let index = AtomicUsize::new(0);
                let batch = zp::map(items, |item| {
                    assert!(index.fetch_add(1, Relaxed) != bad, "item {bad}");
                    (item, drops.token())
                });
                let message = panic_of(|| batch.on(pool).collect());
                assert_eq!(message, format!("item {bad}"));
                assert_eq!(drops.dropped(), drops.made(), "{n} items, panic in {bad}");
            }
        }
    });
}

#[test]
fn a_panic_leaves_unmade_slots_alone() {
    on_each_pool(|pool| {
        let mut slots = vec![-1_i32; 400];
        let message = panic_of(|| {
            zp::times(400, |i| {
                assert!(i < 200, "too far");
                i as i32
            })
            .on(pool)
            .write_to(&mut slots);
        });
        assert_eq!(message, "too far");
        assert!(
            slots
                .iter()
                .enumerate()
                .all(|(i, &slot)| slot == -1 || (i < 200 && slot == i as i32))
        );
    });
}

#[test]
fn lengths_that_differ_are_named() {
    let ran = AtomicUsize::new(0);
    let batch = || zp::times(3, |_| ran.fetch_add(1, Relaxed));
    let results = "the batch has 3 items, the slice for its results 2: they must be equal";
    assert_eq!(panic_of(|| batch().write_to(&mut [0; 2])), results);
    assert_eq!(panic_of(|| drop(batch().into_slots(&mut [0; 2]))), results);
    assert_eq!(
        panic_of(|| {
            batch().write_uninit(&mut [MaybeUninit::uninit(); 2]);
        }),
        results
    );
    assert_eq!(
        panic_of(|| zp::each((&[1, 2], &[1]), |_| ()).run()),
        "the first input has 2 items, the second 1: they must be equal"
    );
    assert_eq!(ran.into_inner(), 0);
    assert_eq!(
        panic_of(|| zp::chunks(&[1], 0, |_| ()).run()),
        "a chunk of 0 items: the length must be 1 or more"
    );
}

#[test]
fn items_may_use_joins_scopes_and_batches() {
    on_each_pool(|pool| {
        let sums = zp::times(40, |i| {
            let (a, b) = zp::join!(i * 2, zp::map(0..i, |j| j).reduce(0, |a, b| a + b));
            let mut c = 0;
            zp::scope(|s| {
                s.spawn_into(|| a + b, &mut c);
            });
            c
        })
        .on(pool)
        .collect();
        assert!(
            sums.iter()
                .enumerate()
                .all(|(i, &sum)| sum == 2 * i + i * i.saturating_sub(1) / 2)
        );
    });
}

#[test]
fn a_batch_runs_in_the_pool_it_is_told() {
    let (here, there) = (pool_of(2), pool_of(2));
    let inside = || zp::times(200, |_| zp::scope(|s| s.spawn(InPool).join()));
    let workers = here.install(|| inside().on(&there).collect());
    assert!(workers.iter().all(|&n| n == 2));

    struct InPool;
    impl zp::Task for InPool {
        type Output = usize;
        fn run(self, cx: &mut zp::Context<'_>) -> usize {
            cx.pool().workers()
        }
    }
}

#[test]
fn a_batch_is_shared_out() {
    let pool = pool_of(2);
    let began = std::time::Instant::now();
    // Two items that wait for each other end only if two threads run them; retried, as no batch promises that.
    for attempt in 0.. {
        let arrived = AtomicUsize::new(0);
        let met = zp::times(2, |_| {
            arrived.fetch_add(1, Relaxed);
            let since = std::time::Instant::now();
            while arrived.load(Relaxed) < 2 && since.elapsed().as_millis() < 200 {
                thread::yield_now();
            }
            arrived.load(Relaxed) == 2
        })
        .on(&pool)
        .collect();
        if met == [true, true] {
            break;
        }
        assert!(
            began.elapsed().as_secs() < 20,
            "never shared, in {attempt} attempts"
        );
    }
}

#[test]
fn spawned_batches_write_report_and_end() {
    on_each_pool(|pool| {
        let mut slots = vec![0; 3000];
        let mut items = vec![1_u8; 500];
        pool.scope(|s| {
            let squares = s.spawn_batch(zp::times(3000, |i| i * i).into_slots(&mut slots));
            let zeros = s.spawn_batch(zp::each(&mut items, |item| *item = 0));
            assert_eq!(zeros.progress().total, 500);
            assert!(squares.progress().done <= 3000);
            zeros.join();
            let mut squares = squares;
            while !squares.wait_timeout(Duration::from_millis(1)) && pool.workers() > 1 {}
            squares.wait().unwrap();
        });
        assert!(slots.iter().enumerate().all(|(i, &slot)| slot == i * i));
        assert!(items.iter().all(|&item| item == 0));
    });
}

#[test]
fn a_cancelled_batch_skips_the_rest() {
    let pool = pool_of(1);
    let ran = AtomicUsize::new(0);
    pool.scope(|s| {
        // The one worker is busy, so the batch has not begun.
        let (begun, go) = (AtomicUsize::new(0), AtomicUsize::new(0));
        pool.scope(|gate| {
            gate.spawn(|| {
                begun.store(1, Relaxed);
                while go.load(Relaxed) == 0 {
                    thread::yield_now();
                }
            });
            while begun.load(Relaxed) == 0 {
                thread::yield_now();
            }
            let batch = s.spawn_batch(zp::times(100, |_| {
                ran.fetch_add(1, Relaxed);
            }));
            assert!(batch.cancel());
            assert!(batch.wait().unwrap_err().is_cancelled());
            go.store(1, Relaxed);
        });
    });
    assert_eq!(ran.into_inner(), 0);

    // One that has begun: its items see the request.
    struct UntilCancelled<'a>(&'a AtomicUsize);
    impl zp::Task for UntilCancelled<'_> {
        type Output = ();
        fn run(self, cx: &mut zp::Context<'_>) {
            self.0.fetch_add(1, Relaxed);
            while !cx.is_cancelled() {
                thread::yield_now();
            }
        }
    }
    let begun = AtomicUsize::new(0);
    pool_of(2).scope(|s| {
        let batch = s.spawn_batch(zp::batch_of(
            (0..100).map(|_| UntilCancelled(&begun)).collect(),
        ));
        while begun.load(Relaxed) == 0 {
            thread::yield_now();
        }
        assert!(!batch.cancel());
        assert!(batch.progress().done < 100);
        assert!(batch.wait().unwrap_err().is_cancelled());
    });
    assert!(begun.into_inner() <= 4);
}

#[test]
fn a_spawned_batch_delivers_its_panic() {
    on_each_pool(|pool| {
        let error = pool.scope(|s| {
            let batch = s.spawn_batch(zp::times(300, |i| assert!(i != 150, "item 150")));
            batch.wait().unwrap_err()
        });
        assert_eq!(error.to_string(), "the task panicked: item 150");
        let resumed = panic_of(|| {
            pool.scope(|s| {
                s.spawn_batch(zp::times(300, |i| assert!(i != 150, "item 150")));
            });
        });
        assert_eq!(resumed, "item 150");
    });
}

#[test]
fn dropped_and_forgotten_handles_of_batches() {
    let pool = pool_of(2);
    let ran = AtomicUsize::new(0);
    for _ in 0..50 {
        pool.scope(|s| {
            drop(s.spawn_batch(zp::times(70, |_| ran.fetch_add(1, Relaxed))));
            std::mem::forget(s.spawn_batch(zp::times(70, |_| ran.fetch_add(1, Relaxed))));
        });
    }
    assert_eq!(ran.into_inner(), 7000);
}

#[test]
fn a_batch_is_spawned_in_the_pool_it_is_told() {
    struct Workers;
    impl zp::Task for Workers {
        type Output = usize;
        fn run(self, cx: &mut zp::Context<'_>) -> usize {
            cx.pool().workers()
        }
    }
    within(LIMIT, || {
        let (here, there) = (pool_of(1), pool_of(3));
        let mut workers = [0; 2];
        here.scope(|s| {
            let batch = zp::batch_of(vec![Workers, Workers]).on(&there);
            s.spawn_batch(batch.into_slots(&mut workers)).join();
        });
        assert_eq!(workers, [3, 3]);
    });
}

#[test]
fn cancel_says_whether_the_batch_had_begun() {
    within(LIMIT, || {
        let pool = pool_of(2);
        for round in 0..3000 {
            let ran = AtomicUsize::new(0);
            let said = pool.scope(|s| {
                let batch = s.spawn_batch(zp::times(10, |_| {
                    ran.fetch_add(1, Relaxed);
                }));
                for _ in 0..(round % 64) * 20 {
                    std::hint::spin_loop();
                }
                batch.cancel()
            });
            assert!(!said || ran.into_inner() == 0);
        }
    });
}

#[test]
fn long_items_are_cancelled_one_by_one() {
    within(LIMIT, || {
        for workers in [1, 2] {
            let pool = pool_of(workers);
            let ran = AtomicUsize::new(0);
            pool.scope(|s| {
                let batch = s.spawn_batch(zp::times(100_000, |_| {
                    ran.fetch_add(1, Relaxed);
                    thread::sleep(Duration::from_millis(1));
                }));
                while ran.load(Relaxed) == 0 {
                    thread::yield_now();
                }
                assert!(!batch.cancel());
                let before = ran.load(Relaxed);
                assert!(batch.wait().unwrap_err().is_cancelled());
                assert!(ran.load(Relaxed) <= before + 2 * workers);
            });
        }
    });
}

#[test]
fn a_cheap_start_deceives_nobody() {
    within(LIMIT, || {
        let pool = pool_of(2);
        let offered = || pool.stats().total().offered;
        for n in [64, 128, 1000] {
            let before = offered();
            zp::times(n, |i| {
                if i > n / 64 {
                    thread::sleep(Duration::from_micros(100));
                }
            })
            .on(&pool)
            .run();
            assert!(offered() > before, "{n}");
        }
    });
}
