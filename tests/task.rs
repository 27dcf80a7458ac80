//! `#[zp::task]` as users write it: functions stay functions, parameter structs are tasks.

use crate::support::{LIMIT, pool, within};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

#[zp::task]
fn checksum(data: &[u8], seed: u64) -> u64 {
    data.iter()
        .fold(seed, |sum, &byte| sum.rotate_left(5) ^ u64::from(byte))
}

#[zp::task]
fn longest<'a>(words: &'a [String], or: &'a str) -> &'a str {
    words
        .iter()
        .map(String::as_str)
        .max_by_key(|word| word.len())
        .unwrap_or(or)
}

#[zp::task]
fn count<T, const N: usize>(items: [T; N]) -> HashMap<T, usize>
where
    T: Hash + Eq,
{
    let mut counts = HashMap::new();
    for item in items {
        *counts.entry(item).or_insert(0) += 1;
    }
    counts
}

#[zp::task]
fn apply(value: u32, f: impl Fn(u32) -> u32) -> u32 {
    f(value)
}

#[zp::task]
fn show<T: Display + ?Sized>(value: &T) -> String {
    value.to_string()
}

#[zp::task]
fn patterns((a, b): (u32, u32), [x, .., z]: [u32; 3]) -> u32 {
    a * 1000 + b * 100 + x * 10 + z
}

#[zp::task]
fn parse(text: &str) -> Result<i32, std::num::ParseIntError> {
    text.parse()
}

#[zp::task]
fn sum(sum: u64) -> u64 {
    sum + 1
}

#[zp::task]
fn r#match(r#type: u8) -> u8 {
    r#type
}

#[zp::task(struct = Trim, name = "trim/v1", priority = high)]
fn trim<'a>(text: &'a str, with: Cow<'_, str>) -> &'a str {
    text.trim_start_matches(&*with)
}

#[zp::task]
fn spawn_more<'scope, 'env>(s: &'scope zp::Scope<'scope, 'env>, out: &'env mut [u32]) {
    for (n, slot) in (0..).zip(out) {
        s.spawn_into(move || n * n, slot);
    }
}

#[zp::task]
fn reversed(
    text: &str,
    #[buf(text.len())] scratch: &mut [u8],
    #[cx] cx: &mut zp::Context<'_>,
) -> String {
    assert!(!cx.is_cancelled());
    scratch.copy_from_slice(text.as_bytes());
    scratch.reverse();
    String::from_utf8_lossy(scratch).into_owned()
}

#[zp::task]
fn given(byte: u8, len: usize, #[buf(len)] mut buffer: zp::Buf) -> zp::Buf {
    buffer.fill(byte);
    buffer
}

#[test]
fn the_function_stays_a_function() {
    assert_eq!(checksum(b"abc", 1), checksum(b"abc", 1));
    assert_eq!(reversed_here("abc"), "cba");
}

fn reversed_here(text: &str) -> String {
    let mut out = text.to_owned().into_bytes();
    out.reverse();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_struct_literal_and_new_are_the_same_task() {
    within(LIMIT, || {
        let bytes = vec![1, 2, 3];
        let here = checksum(&bytes, 7);
        let (literal, positional, closure) = zp::scope(|s| {
            let literal = s.spawn(checksum {
                data: &bytes,
                seed: 7,
            });
            let positional = s.spawn(checksum::new(&bytes, 7));
            let closure = s.spawn(|| checksum(&bytes, 7));
            (literal.join(), positional.join(), closure.join())
        });
        assert_eq!((literal, positional, closure), (here, here, here));
    });
}

#[test]
fn an_output_borrows_from_arguments() {
    within(LIMIT, || {
        let words = ["a", "longest", "word"].map(str::to_owned);
        let or = String::from("none");
        let (found, none) = pool(2).scope(|s| {
            let found = s.spawn(longest {
                words: &words,
                or: &or,
            });
            let none = s.spawn(longest::new(&[], &or));
            (found.join(), none.join())
        });
        assert_eq!((found, none), ("longest", "none"));
    });
}

#[test]
fn generic_tasks_run() {
    within(LIMIT, || {
        let factor = 3;
        pool(2).scope(|s| {
            let counts = s.spawn(count {
                items: ["a", "b", "a"],
            });
            let product = s.spawn(apply {
                value: 5,
                f: |x| x * factor,
            });
            let text = s.spawn(show { value: "unsized" });
            let number = s.spawn(show { value: &4.5 });
            assert_eq!(counts.join()["a"], 2);
            assert_eq!(product.join(), 15);
            assert_eq!(
                (text.join(), number.join()),
                ("unsized".to_owned(), "4.5".to_owned())
            );
        });
    });
}

#[test]
fn a_task_may_be_defined_inside_a_function() {
    within(LIMIT, || {
        #[zp::task]
        fn double<T>(value: T) -> T
        where
            T: std::ops::Add<Output = T> + Copy,
        {
            value + value
        }
        let (a, b) = zp::scope(|s| {
            let (a, b) = (
                s.spawn(double { value: 21 }),
                s.spawn(double { value: 1.5 }),
            );
            (a.join(), b.join())
        });
        assert_eq!((a, b), (42, 3.0));
    });
}

#[test]
fn odd_parameters_and_names_work() {
    within(LIMIT, || {
        zp::scope(|s| {
            let digits = s.spawn(patterns {
                arg0: (1, 2),
                arg1: [3, 9, 4],
            });
            assert_eq!(digits.join(), 1234);
            assert_eq!(s.spawn(sum { sum: 1 }).join(), 2);
            assert_eq!(s.spawn(r#match { r#type: 3 }).join(), 3);
            let trimmed = s.spawn(Trim {
                text: "--x",
                with: Cow::Borrowed("-"),
            });
            assert_eq!(trimmed.join(), "x");
        });
        assert_eq!(<Trim<'_, '_> as zp::Task>::NAME, "trim/v1");
        assert_eq!(<Trim<'_, '_> as zp::Task>::PRIORITY, zp::Priority::High);
        assert_eq!(<sum as zp::Task>::NAME, "sum");
    });
}

#[test]
fn a_result_is_an_output_like_any_other() {
    within(LIMIT, || {
        let (good, bad) = zp::scope(|s| {
            (
                s.spawn(parse { text: "12" }).join(),
                s.spawn(parse { text: "x" }).join(),
            )
        });
        assert_eq!(good, Ok(12));
        assert!(bad.is_err());
    });
}

#[test]
fn a_task_spawns_into_the_scope_it_was_given() {
    within(LIMIT, || {
        let mut squares = [0; 10];
        pool(2).scope(|s| {
            s.spawn(spawn_more {
                s,
                out: &mut squares,
            });
        });
        assert_eq!(squares, [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    });
}

#[test]
fn buffers_and_context_come_from_the_worker() {
    within(LIMIT, || {
        let pool = pool(2);
        let (text, kept) = pool.scope(|s| {
            let text = s.spawn(reversed { text: "stressed" });
            let kept = s.spawn(given { byte: 9, len: 100 });
            (text.join(), kept.join())
        });
        drop(pool);
        assert_eq!(text, "desserts");
        assert_eq!(kept[..], [9; 100], "a buffer outlives its pool");
    });
}

struct ByHand<'a>(&'a str);

impl<'a> zp::Task for ByHand<'a> {
    type Output = &'a str;

    fn run(self, cx: &mut zp::Context<'_>) -> &'a str {
        assert!(
            cx.worker_index()
                .is_none_or(|index| index < cx.pool().workers())
        );
        &self.0[1..]
    }
}

#[test]
fn a_task_implemented_by_hand_runs() {
    within(LIMIT, || {
        let text = String::from("task");
        let rest = pool(3).scope(|s| s.spawn(ByHand(&text)).join());
        assert_eq!(rest, "ask");
    });
}

#[test]
fn owned_tasks_take_every_kind_of_task() {
    within(LIMIT, || {
        let pool = pool(2);
        let closure = pool.spawn(|| 1);
        let annotated = pool.spawn(checksum {
            data: b"static",
            seed: 0,
        });
        let by_hand = pool.spawn(ByHand("static"));
        assert_eq!(closure.wait().ok(), Some(1));
        assert_eq!(annotated.wait().ok(), Some(checksum(b"static", 0)));
        assert_eq!(by_hand.wait().ok(), Some("tatic"));
    });
}
