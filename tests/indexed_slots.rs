//! `zp::Slots`: one slice, written by many tasks, each index at most once.

use crate::support::{LIMIT, Ledger, Random, Token, panic_of, pool, times, within};
use std::error::Error;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use zp::{SlotError, Slots};

#[zp::task]
fn scatter(indices: &[usize], slots: &Slots<'_, usize>) {
    for &index in indices {
        zp::write_indexed!(slots, index, index * 10);
    }
}

/// The numbers below `count`, in random order.
fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut random = Random::new(seed);
    let mut all: Vec<usize> = (0..count).collect();
    for n in (1..count).rev() {
        all.swap(n, random.below(n as u64 + 1) as usize);
    }
    all
}

#[test]
fn many_tasks_write_all_slots_of_one_slice() {
    within(LIMIT, || {
        let pool = pool(4);
        // Around the length from which the claims are allocated, and well beyond it.
        for count in [1, 64, 1023, 1024, 1025, times(40_000, 1100)] {
            let order = shuffled(count, count as u64);
            let mut values = vec![0; count];
            let slots = Slots::new(&mut values);
            assert_eq!((slots.len(), slots.is_empty()), (count, false));
            pool.scope(|s| {
                for indices in order.chunks(7) {
                    s.spawn(scatter {
                        indices,
                        slots: &slots,
                    });
                }
            });
            assert_eq!(slots.written(), count);
            assert!((0..count).all(|index| slots.is_written(index)));
            assert!(values.iter().enumerate().all(|(n, &x)| x == n * 10));
        }
    });
}

#[test]
fn items_of_a_batch_write_wherever_they_belong() {
    within(LIMIT, || {
        let count = times(20_000, 200);
        let order = shuffled(count, 5);
        let mut inverse = vec![usize::MAX; count];
        let slots = Slots::new(&mut inverse);
        zp::times(count, |n| zp::write_indexed!(slots, order[n], n))
            .on(&pool(3))
            .run();
        assert_eq!(slots.written(), count);
        assert!(
            order
                .iter()
                .enumerate()
                .all(|(n, &image)| inverse[image] == n)
        );
    });
}

#[test]
fn what_is_not_written_stays() {
    within(LIMIT, || {
        let mut values = [None, Some("former"), Some("former"), None];
        let slots = Slots::new(&mut values);
        pool(2).scope(|s| {
            s.spawn(|| zp::write_indexed!(slots, 0, Some("new")));
            s.spawn(|| zp::write_indexed!(slots, 2, None));
        });
        assert_eq!(slots.written(), 2);
        assert_eq!(
            [0, 1, 2, 3, 4].map(|n| slots.is_written(n)),
            [true, false, true, false, false]
        );
        assert_eq!(format!("{slots:?}"), "Slots { len: 4, written: 2, .. }");
        assert_eq!(values, [Some("new"), Some("former"), None, None]);
    });
}

#[test]
fn errors_name_the_index_and_give_the_value_back() {
    let mut values = [String::from("0"), String::from("1")];
    let slots = Slots::new(&mut values);
    assert_eq!(slots.write(1, String::from("new")), Ok(()));

    let twice = slots.write(1, String::from("newer")).unwrap_err();
    assert_eq!(
        twice.to_string(),
        "slot 1 has been written already, and each is written once"
    );
    assert_eq!(format!("{twice:?}"), "AlreadyWritten { index: 1, .. }");
    assert_eq!((twice.index(), twice.into_inner()), (1, "newer".into()));

    for index in [2, 3, usize::MAX] {
        let beyond = slots.write(index, String::from("lost")).unwrap_err();
        assert_eq!(
            beyond.to_string(),
            format!("there is no slot {index}: the last one is 1")
        );
        assert_eq!(
            format!("{beyond:?}"),
            format!("OutOfBounds {{ index: {index}, len: 2, .. }}")
        );
        assert_eq!(
            (beyond.index(), beyond.into_inner()),
            (index, "lost".into())
        );
    }
    assert_eq!(slots.written(), 1);
    assert_eq!(values, ["0", "new"]);
}

#[test]
fn an_error_goes_wherever_errors_go() {
    struct Opaque;

    fn fails() -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut values = [0];
        Slots::new(&mut values).write(1, 1)?;
        Ok(())
    }

    let text = fails().unwrap_err().to_string();
    assert_eq!(text, "there is no slot 1: the last one is 0");
    // A value that is not `Debug` takes nothing away.
    let error: &dyn Error = &SlotError::AlreadyWritten {
        index: 7,
        value: Opaque,
    };
    assert_eq!(format!("{error:?}"), "AlreadyWritten { index: 7, .. }");
}

#[test]
fn write_indexed_panics_with_the_index() {
    within(LIMIT, || {
        let ledger = Ledger::new();
        let mut values = [ledger.token(), ledger.token()];
        let slots = Slots::new(&mut values);
        let twice = panic_of(|| {
            pool(2).scope(|s| {
                s.spawn(|| {
                    zp::write_indexed!(&slots, 1, ledger.token());
                    zp::write_indexed!(&&slots, 1, ledger.token());
                });
            });
        });
        assert_eq!(
            twice,
            "slot 1 has been written already, and each is written once"
        );
        // A value whose destructor panics as well: neither does it abort nor hide the index.
        let beyond = panic_of(|| zp::write_indexed!(slots, 2, ledger.bomb("value")));
        assert_eq!(beyond, "there is no slot 2: the last one is 1");
        drop(values);
        ledger.assert_balanced();
    });
}

#[test]
fn of_two_writers_at_the_same_time_one_wins() {
    within(LIMIT, || {
        let ledger = Ledger::new();
        let pool = pool(2);
        for _ in 0..times(500, 3) {
            let count = times(70, 4);
            let mut values: Vec<(usize, Token)> = (0..count).map(|_| (9, ledger.token())).collect();
            let slots = Slots::new(&mut values);
            let barrier = Barrier::new(2);
            let won = [const { AtomicUsize::new(0) }; 2];
            let write_all = |name: usize| {
                barrier.wait();
                for index in 0..count {
                    if slots.write(index, (name, ledger.token())).is_ok() {
                        won[name].fetch_add(1, SeqCst);
                    }
                }
            };
            // Threads, since two tasks need not run at the same time; and tasks of a pool on both of them.
            thread::scope(|threads| {
                for name in [0, 1] {
                    let (pool, write_all) = (&pool, &write_all);
                    threads.spawn(move || pool.scope(|s| drop(s.spawn(move || write_all(name)))));
                }
            });
            assert_eq!(slots.written(), count);
            for (name, won) in won.iter().enumerate() {
                let written = values.iter().filter(|value| value.0 == name).count();
                assert_eq!(written, won.load(SeqCst));
            }
            assert!(values.iter().all(|value| value.0 < 2));
        }
        ledger.assert_balanced();
    });
}

#[test]
fn every_value_is_dropped_once() {
    within(LIMIT, || {
        let ledger = Ledger::new();
        let mut values: Vec<Token> = (0..100).map(|_| ledger.token()).collect();
        let slots = Slots::new(&mut values);
        let refused = AtomicUsize::new(0);
        pool(3).scope(|s| {
            for start in [0, 25, 50, 75] {
                // Half of what each task writes is written by its neighbour too, and the last one goes too far.
                let (slots, ledger, refused) = (&slots, &ledger, &refused);
                s.spawn(move || {
                    for index in start..start + 50 {
                        if slots.write(index, ledger.token()).is_err() {
                            refused.fetch_add(1, SeqCst);
                        }
                    }
                });
            }
        });
        assert_eq!((slots.written(), refused.into_inner()), (100, 100));
        // The former ones and the refused ones.
        assert_eq!((ledger.made(), ledger.dropped()), (300, 200));
        drop(values);
        ledger.assert_balanced();
    });
}

#[test]
fn a_former_value_whose_drop_panics_leaves_the_slot_written() {
    within(LIMIT, || {
        let ledger = Ledger::new();
        let mut values = [ledger.bomb("former"), ledger.token()];
        let slots = Slots::new(&mut values);
        let text = panic_of(|| {
            pool(2).scope(|s| {
                s.spawn(|| slots.write(0, ledger.token()));
            });
        });
        assert_eq!(text, "former");
        assert!(slots.is_written(0));
        let refused = slots.write(0, ledger.token()).unwrap_err();
        assert_eq!(refused.index(), 0);
        drop(refused);
        assert_eq!((ledger.made(), ledger.dropped()), (4, 2));
        drop(values);
        ledger.assert_balanced();
    });
}

#[test]
fn a_destructor_may_write_other_slots() {
    struct Chain<'a>(usize, Option<&'a Slots<'a, usize>>);

    impl Drop for Chain<'_> {
        fn drop(&mut self) {
            if let Some(log) = self.1 {
                zp::write_indexed!(log, self.0, self.0 + 1);
            }
        }
    }

    within(LIMIT, || {
        let mut log = [0; 20];
        let log_slots = Slots::new(&mut log);
        let mut chain: Vec<Chain<'_>> = (0..20).map(|n| Chain(n, Some(&log_slots))).collect();
        let slots = Slots::new(&mut chain);
        pool(2).scope(|s| {
            for n in 0..20 {
                let slots = &slots;
                s.spawn(move || zp::write_indexed!(slots, n, Chain(n, None)));
            }
        });
        drop(chain);
        assert!(log.iter().enumerate().all(|(n, &x)| x == n + 1));
    });
}

#[test]
fn a_panic_of_one_task_leaves_what_others_write() {
    within(LIMIT, || {
        let mut values = [0; 8];
        let slots = Slots::new(&mut values);
        let text = panic_of(|| {
            pool(2).scope(|s| {
                for n in 0..8 {
                    let slots = &slots;
                    s.spawn(move || {
                        assert!(n != 5, "task {n} fails");
                        zp::write_indexed!(slots, n, n);
                    });
                }
            });
        });
        assert_eq!(text, "task 5 fails");
        assert_eq!((slots.written(), slots.is_written(5)), (7, false));
        assert_eq!(values, [0, 1, 2, 3, 4, 0, 6, 7]);
    });
}

#[test]
fn values_without_a_size_are_written_once_too() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);

    struct Nothing;

    impl Drop for Nothing {
        fn drop(&mut self) {
            DROPS.fetch_add(1, SeqCst);
        }
    }

    within(LIMIT, || {
        let count = times(2000, 100);
        let mut values: Vec<Nothing> = (0..count).map(|_| Nothing).collect();
        let slots = Slots::new(&mut values);
        pool(2).scope(|s| {
            for n in (0..count).step_by(2) {
                let slots = &slots;
                s.spawn(move || {
                    assert!(slots.write(n, Nothing).is_ok());
                    assert!(slots.write(n, Nothing).is_err());
                    assert!(slots.write(count + n, Nothing).is_err());
                });
            }
        });
        assert_eq!(slots.written(), count / 2);
        assert_eq!(DROPS.load(SeqCst), count / 2 * 3);
        drop(values);
        assert_eq!(DROPS.load(SeqCst), count / 2 * 5);
    });
}

#[test]
fn a_slice_without_elements_has_no_slot() {
    let mut values: [String; 0] = [];
    let slots = Slots::new(&mut values);
    assert_eq!((slots.len(), slots.written()), (0, 0));
    assert!(slots.is_empty() && !slots.is_written(0));
    let error = slots.write(0, String::from("x")).unwrap_err();
    assert_eq!(error.to_string(), "there is no slot 0: the slice is empty");
    assert_eq!(error.into_inner(), "x");
}

#[test]
fn slots_travel_and_the_slice_comes_back() {
    within(LIMIT, || {
        let mut values = vec![0; 10];
        for round in 1..=3 {
            // Moved into a task whole, and shared again by an inner scope.
            let slots = Slots::new(&mut values[..5]);
            pool(2).scope(|s| {
                s.spawn(move || {
                    zp::scope(|inner| {
                        for n in 0..slots.len() {
                            let slots = &slots;
                            inner.spawn(move || zp::write_indexed!(slots, n, n * round));
                        }
                    });
                    slots.written()
                })
                .join()
            });
            values.push(round);
        }
        assert_eq!(values, [0, 3, 6, 9, 12, 0, 0, 0, 0, 0, 1, 2, 3]);
        // Forgotten: the borrow ends all the same.
        std::mem::forget(Slots::new(&mut values));
        values.clear();
    });
}
