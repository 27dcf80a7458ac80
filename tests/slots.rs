//! `spawn_into`: results straight into the caller's memory.

use crate::support::{LIMIT, Ledger, Token, panic_of, pool, times, within};
use std::mem::MaybeUninit;

#[zp::task]
fn square(x: u64, out: zp::Out<'_, u64>) {
    out.set(x * x);
}

#[zp::task]
fn maybe(x: u64, out: zp::Out<'_, String>) -> bool {
    if x > 1 {
        out.set(x.to_string());
    }
    x > 1
}

#[test]
fn each_kind_of_slot_is_written() {
    within(LIMIT, || {
        let (mut value, mut option, mut by_parameter) = (0, None, 0);
        let mut uninit = MaybeUninit::uninit();
        let mut out_value = String::new();
        let mut out_option = None;
        let (mut early, mut late) = (None, Some(9));
        let yielded = pool(2).scope(|s| {
            let nothing: () = s.spawn_into(|| 1, &mut value).join();
            s.spawn_into(|| String::from("two"), &mut option);
            let written = s.spawn_into(|| vec![3, 3, 3], &mut uninit);
            s.spawn_into(|| String::from("four"), zp::Out::new(&mut out_value));
            s.spawn_into(|| 5.0, zp::Out::from(&mut out_option));
            s.spawn(square {
                x: 6,
                out: zp::Out::new(&mut by_parameter),
            });
            let wrote = s.spawn(maybe {
                x: 7,
                out: zp::Out::from(&mut early),
            });
            let kept = s.spawn(square {
                x: 8,
                out: zp::Out::from(&mut late),
            });
            assert!(wrote.join());
            kept.join();
            let written: &mut Vec<i32> = written.join();
            written.push(4);
            let length = written.len();
            (nothing, length)
        });
        assert_eq!(yielded, ((), 4));
        assert_eq!(value, 1);
        assert_eq!(option.as_deref(), Some("two"));
        assert_eq!(out_value, "four");
        assert_eq!(out_option, Some(5.0));
        assert_eq!(by_parameter, 36);
        assert_eq!((early.as_deref(), late), (Some("7"), Some(64)));
    });
}

#[test]
fn the_reference_to_an_uninitialised_slot_outlives_the_handle() {
    within(LIMIT, || {
        let mut places: [MaybeUninit<String>; 8] = [const { MaybeUninit::uninit() }; 8];
        let total = pool(2).scope(|s| {
            let handles: Vec<_> = places
                .iter_mut()
                .enumerate()
                .map(|(n, place)| s.spawn_into(move || "x".repeat(n), place))
                .collect();
            let written: Vec<&mut String> = handles.into_iter().map(zp::Handle::join).collect();
            let total: usize = written.iter().map(|text| text.len()).sum();
            for text in written {
                drop(std::mem::take(text));
            }
            total
        });
        assert_eq!(total, 28);
    });
}

#[test]
fn a_slot_of_an_outer_scope_is_written_from_an_inner_one() {
    within(LIMIT, || {
        let pool = pool(2);
        let mut rows = vec![[0_usize; 16]; times(64, 3)];
        pool.scope(|s| {
            for (n, row) in rows.iter_mut().enumerate() {
                s.spawn(move || {
                    zp::scope(|inner| {
                        for (m, cell) in row.iter_mut().enumerate() {
                            inner.spawn_into(move || n * 100 + m, cell);
                        }
                    });
                });
            }
        });
        for (n, row) in rows.iter().enumerate() {
            assert!(row.iter().enumerate().all(|(m, &cell)| cell == n * 100 + m));
        }
    });
}

#[test]
fn a_task_that_panics_or_is_cancelled_leaves_its_slot_untouched() {
    within(LIMIT, || {
        let pool = pool(1);
        let (mut panicked, mut cancelled) = (1, Some("before"));
        let text = panic_of(|| {
            pool.scope(|s| {
                s.spawn_into(|| -> i32 { panic!("no value") }, &mut panicked);
                let handle = s.spawn_into(|| "after", &mut cancelled);
                if !handle.cancel() {
                    // Somebody was faster than we: then it counts as not cancelled.
                    handle.join();
                }
            });
        });
        assert_eq!(text, "no value");
        assert_eq!(panicked, 1);
        assert!(matches!(cancelled, Some("before" | "after")));
    });
}

#[zp::task]
fn digits<'a>(number: u64, out: zp::Out<'a, String>) -> &'a mut String {
    out.set(number.to_string())
}

#[test]
fn a_result_parameter_yields_where_the_value_is() {
    within(LIMIT, || {
        let (mut value, mut option) = (String::from("former"), None);
        let (mut uninit, mut filled) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        let taken = pool(2).scope(|s| {
            let of_value = s.spawn(digits::new(1, zp::Out::new(&mut value)));
            let of_option = s.spawn(digits::new(2, zp::Out::from(&mut option)));
            let of_uninit = s.spawn(digits::new(3, zp::Out::from(&mut uninit)));
            let by_slot = s.spawn_into(|| String::from("4"), zp::Out::from(&mut filled));
            of_value.join().push('a');
            of_option.join().push('b');
            [of_uninit.join(), by_slot.join()].map(std::mem::take)
        });
        assert_eq!((value.as_str(), option.as_deref()), ("1a", Some("2b")));
        assert_eq!(taken, ["3", "4"]);
    });
}

#[zp::task]
fn write_or_not(x: u64, out: zp::Out<'_, u64>) {
    match x {
        0 => {}
        1 => out.set(1).clone_from(&5),
        // A statement, whatever stands around it.
        _ => zp::write!(out, x),
    }
}

#[test]
fn the_write_macro_is_a_statement() {
    within(LIMIT, || {
        let mut results = [10; 3];
        zp::scope(|s| {
            for (x, result) in (0..).zip(&mut results) {
                s.spawn(write_or_not::new(x, zp::Out::new(result)));
            }
        });
        assert_eq!(results, [10, 5, 2]);
        let mut place = None;
        zp::write!(zp::Out::from(&mut place), vec![1, 2],);
        assert_eq!(place, Some(vec![1, 2]));
    });
}

#[test]
fn a_former_value_is_dropped_after_the_new_one_is_in_place() {
    let ledger = Ledger::new();
    let (mut value, mut option) = (ledger.bomb("value"), Some(ledger.bomb("option")));
    assert_eq!(
        panic_of(|| zp::write!(zp::Out::new(&mut value), ledger.token())),
        "value"
    );
    assert_eq!(
        panic_of(|| zp::write!(zp::Out::from(&mut option), ledger.token())),
        "option"
    );
    assert!(option.is_some());
    assert_eq!((ledger.made(), ledger.dropped()), (4, 2));
    drop((value, option));
    ledger.assert_balanced();
}

#[test]
fn the_former_value_of_a_slot_is_dropped_once() {
    within(LIMIT, || {
        let ledger = Ledger::new();
        let (mut value, mut option) = (ledger.token(), Some(ledger.token()));
        let (mut out_value, mut out_option) = (ledger.token(), Some(ledger.token()));
        pool(2).scope(|s| {
            s.spawn_into(|| ledger.token(), &mut value);
            s.spawn_into(|| ledger.token(), &mut option);
            s.spawn_into(|| ledger.token(), zp::Out::new(&mut out_value));
            s.spawn_into(|| ledger.token(), zp::Out::from(&mut out_option));
        });
        assert_eq!((ledger.made(), ledger.dropped()), (8, 4));
        drop((value, option, out_value, out_option));
        ledger.assert_balanced();
    });
}

#[test]
fn a_former_value_whose_drop_panics_is_a_panic_of_the_task() {
    within(LIMIT, || {
        let ledger = Ledger::new();
        let mut slot: Token = ledger.bomb("old value");
        let text = panic_of(|| {
            pool(2).scope(|s| {
                s.spawn_into(|| ledger.token(), &mut slot);
            });
        });
        assert_eq!(text, "old value");
        drop(slot);
        ledger.assert_balanced();
    });
}

#[test]
fn large_and_over_aligned_tasks_and_results_are_written() {
    #[derive(Clone, Copy, PartialEq, Debug)]
    #[repr(align(512))]
    struct Aligned(u8);

    within(LIMIT, || {
        let pool = pool(2);
        for round in 0..times(20, 2) as u8 {
            let big = [round; 20_000];
            let aligned = Aligned(round);
            let (mut big_out, mut aligned_out) = ([0; 20_000], Aligned(255));
            pool.scope(|s| {
                s.spawn_into(move || big, &mut big_out);
                s.spawn_into(
                    move || {
                        assert_eq!((&raw const aligned).addr() % 512, 0);
                        aligned
                    },
                    &mut aligned_out,
                );
            });
            assert_eq!((big_out, aligned_out), (big, aligned));
        }
    });
}
