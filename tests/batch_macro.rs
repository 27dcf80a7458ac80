//! `#[zp::batch]` as users write it: every mark, every form of item, what is shared, and what is refused at run time.

use crate::support::{LIMIT, Ledger, Token, panic_of, pool, within};
use std::borrow::Cow;
use std::fmt::Debug;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[zp::batch]
fn shade(
    #[each] px: &mut u32,
    #[index] i: usize,
    lut: &[u32],
    #[buf(4 + i % 2)] tmp: &mut [u8],
) -> u32 {
    assert!(tmp.iter().all(|&byte| byte == 0), "lent buffers are zeroed");
    assert_eq!(tmp.len(), 4 + i % 2);
    tmp.fill(7);
    *px += lut[i % lut.len()];
    *px * 2
}

/// One call more than a thread tries out by itself.
const N: usize = 1000;

#[test]
fn items_by_mutable_reference_with_index_table_and_buffer() {
    within(LIMIT, || {
        let mut pixels = vec![1; N];
        let doubled = shade::over(&mut pixels, &[10, 20]).on(&pool(2)).collect();
        assert_eq!((pixels[0], pixels[1], pixels[N - 1]), (11, 21, 21));
        assert_eq!(doubled.len(), N);
        assert!(
            doubled
                .iter()
                .zip(&pixels)
                .all(|(double, pixel)| *double == pixel * 2)
        );
    });
}

#[test]
fn the_function_stays_a_function() {
    let mut pixel = 5;
    assert_eq!(shade(&mut pixel, 1, &[1, 2], &mut [0; 5]), 14);
    assert_eq!(pixel, 7);
}

#[zp::batch]
fn length(#[each] word: &String) -> usize {
    word.len()
}

#[zp::batch]
fn parse(#[each] text: &str) -> Result<i32, std::num::ParseIntError> {
    text.parse()
}

fn words(n: usize) -> Vec<String> {
    (0..n).map(|i| "x".repeat(i % 7)).collect()
}

#[test]
fn every_terminal() {
    within(LIMIT, || {
        let pool = pool(3);
        let words = words(N);
        let expected: Vec<usize> = words.iter().map(String::len).collect();
        let batch = || length::over(&words).on(&pool);
        assert_eq!((batch().len(), batch().is_empty()), (N, false));

        batch().run();
        assert_eq!(batch().grain(3).collect(), expected);
        let mut slots = vec![99; N];
        batch().write_to(&mut slots);
        assert_eq!(slots, expected);
        let mut places = [const { MaybeUninit::uninit() }; N];
        assert_eq!(batch().write_uninit(&mut places), &*expected);
        let total = batch().reduce(0, |a, b| a + b);
        assert_eq!(total, expected.iter().sum::<usize>());

        slots.fill(99);
        pool.scope(|s| {
            let spawned = s.spawn_batch(length::over(&words).into_slots(&mut slots));
            assert_eq!(spawned.progress().total, N);
            spawned.join();
        });
        assert_eq!(slots, expected);

        let numbers = parse::over(&["1", "-2", "3"]).try_collect();
        assert_eq!(numbers, Ok(vec![1, -2, 3]));
        let error = parse::over(&["1", "x", "", "2"]).try_collect();
        assert_eq!(error, Err("x".parse::<i32>().unwrap_err()), "the leftmost");
    });
}

#[zp::batch]
fn blend(#[each] to: &mut f32, #[each] from: &f32, weight: f32, #[each] bias: Option<f32>) {
    *to += weight * from + bias.unwrap_or(0.0);
}

#[test]
fn several_inputs_side_by_side() {
    within(LIMIT, || {
        let (mut to, from) = (vec![1.0; N], vec![2.0; N]);
        let bias: Vec<Option<f32>> = (0..N).map(|i| (i % 2 == 0).then_some(1.0)).collect();
        blend::over(&mut to, &from, 0.5, bias.clone()).run();
        assert_eq!((to[0], to[1]), (3.0, 2.0));
        let batch = blend::try_over(&mut to, &from, 0.5, bias);
        batch.expect("the lengths are equal").run();
        assert_eq!((to[0], to[1]), (5.0, 3.0));
    });
}

#[test]
fn lengths_that_differ_are_named() {
    within(LIMIT, || {
        let (mut to, from) = ([0.0; 3], [0.0; 3]);
        let text = panic_of(|| blend::over(&mut to, &from[..2], 1.0, vec![]).run());
        assert!(
            text.contains("`to` has length 3") && text.contains("`from` has length 2"),
            "{text}"
        );
        let text = panic_of(|| blend::over(&mut to, &from, 1.0, vec![None]).run());
        assert!(
            text.contains("`to` has length 3") && text.contains("`bias` has length 1"),
            "{text}"
        );
        let error = blend::try_over(&mut to, &from, 1.0, vec![None; 4]).err();
        let error = error.expect("3 is not 4");
        assert_eq!((error.names(), error.lengths()), (["to", "bias"], [3, 4]));
    });
}

#[zp::batch]
fn sums(
    #[chunk(width * SCALE)] rows: &[u64],
    #[each] sum: &mut u64,
    #[index] i: usize,
    width: usize,
) -> usize {
    *sum = rows.iter().sum::<u64>() + i as u64;
    rows.len()
}

const SCALE: usize = 2;

#[zp::batch]
fn fill<T: Copy, const WIDTH: usize>(#[chunk(WIDTH)] row: &mut [T], #[index] i: usize, with: &[T]) {
    row.fill(with[i]);
}

#[test]
fn chunks_of_computed_lengths() {
    within(LIMIT, || {
        let rows: Vec<u64> = (0..10).collect();
        let mut totals = [0; 3];
        let lengths = sums::over(&rows, &mut totals, 2).collect();
        assert_eq!((lengths, totals), (vec![4, 4, 2], [6, 23, 19]));
        let text = panic_of(|| sums::over(&rows, &mut totals[..2], 2).run());
        assert!(
            text.contains("`rows` has length 3") && text.contains("`sum` has length 2"),
            "{text}"
        );

        let mut row = [0; 8];
        fill::<_, 3>::over(&mut row, &[1, 2, 3]).run();
        assert_eq!(row, [1, 1, 1, 2, 2, 2, 3, 3]);
    });
}

#[test]
fn a_chunk_of_no_items_is_refused_at_the_caller() {
    within(LIMIT, || {
        let text = panic_of(|| sums::over(&[1], &mut [0], 0).run());
        assert!(text.contains("chunk of 0 items"), "{text}");
        let text = panic_of(|| fill::<u8, 0>::over(&mut [], &[]).run());
        assert!(text.contains("chunk of 0 items"), "{text}");
    });
}

#[zp::batch(name = "squares/v1", priority = low)]
fn square(#[index] n: usize, offset: &usize, seen: &AtomicUsize) -> usize {
    seen.fetch_add(1, Relaxed);
    n * n + offset
}

#[zp::batch]
fn tick(#[index] _: usize) {}

#[test]
fn a_number_of_calls() {
    within(LIMIT, || {
        let seen = AtomicUsize::new(0);
        let squares = square::times(5, &1, &seen).on(&pool(2)).collect();
        assert_eq!(squares, [1, 2, 5, 10, 17]);
        assert_eq!(
            square::times(N, &0, &seen).reduce(0, |a, b| a.max(b)),
            (N - 1) * (N - 1)
        );
        assert_eq!(seen.into_inner(), N + 5);
        assert_eq!(tick::times(3).collect(), [(), (), ()]);
    });
}

#[zp::batch]
fn used(#[each] token: Token, keep: bool) -> Option<Token> {
    keep.then_some(token)
}

#[test]
fn items_by_value_are_dropped_once() {
    within(LIMIT, || {
        let drops = Ledger::new();
        let tokens = |n: usize| (0..n).map(|_| drops.token()).collect::<Vec<_>>();
        used::over(tokens(N), false).run();
        assert_eq!(drops.dropped(), N);
        let kept = used::over(tokens(N), true).on(&pool(2)).collect();
        assert_eq!(drops.dropped(), N);
        drop(kept);
        drop(used::over(tokens(3), true));
        drops.assert_balanced();
    });
}

#[test]
fn no_items_and_items_of_no_size() {
    within(LIMIT, || {
        assert_eq!(length::over(&[]).collect(), []);
        assert_eq!(shade::over(&mut [], &[1]).reduce(7, |a, b| a + b), 7);
        assert_eq!(square::times(0, &1, &AtomicUsize::new(0)).collect(), []);
        assert_eq!(sums::over(&[], &mut [], 1).collect(), []);
        assert_eq!(parse::over(&[]).try_collect(), Ok(vec![]));
        assert_eq!(used::over(vec![], true).collect().len(), 0);

        #[zp::batch]
        fn unit(#[each] _: &mut (), #[each] (): (), #[index] i: usize) -> usize {
            i
        }
        let last = unit::over(&mut [(); N], vec![(); N]).reduce(0, |_, b| b);
        assert_eq!(last, N - 1);
    });
}

#[zp::batch(struct = FirstWord)]
fn first_word(#[each] line: &str) -> &str {
    line.split(' ').next().unwrap_or("")
}

#[zp::batch]
fn lookup<'table>(#[each] key: &str, table: &'table [(Cow<'_, str>, u32)]) -> Option<&'table u32> {
    table
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value)
}

#[zp::batch]
fn halves<T>(#[chunk(2)] pair: &mut [T]) -> (&mut T, Option<&mut T>) {
    match pair {
        [a, b] => (a, Some(b)),
        [a, ..] => (a, None),
        [] => unreachable!("chunks are not empty"),
    }
}

#[test]
fn outputs_borrow_from_items_or_from_what_is_shared() {
    within(LIMIT, || {
        let text = String::from("a b\nc d\ne");
        let first = {
            let lines: Vec<&str> = text.lines().collect();
            FirstWord::over(&lines).collect()
        };
        assert_eq!(first, ["a", "c", "e"], "outlives the list of lines");

        let table = [(Cow::Borrowed("one"), 1), (Cow::Owned("two".to_owned()), 2)];
        let found = {
            let keys = ["two".to_owned(), "three".to_owned()];
            let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
            lookup::over(&keys, &table).collect()
        };
        assert_eq!(found, [Some(&2), None]);

        let mut numbers = [1, 2, 3];
        for (a, b) in halves::over(&mut numbers).collect() {
            *a *= 10;
            if let Some(b) = b {
                *b *= 100;
            }
        }
        assert_eq!(numbers, [10, 200, 30]);
    });
}

#[zp::batch]
fn apply<T, R>(
    #[each] item: &T,
    f: impl Fn(&T) -> R,
    #[each] mut extra: impl Iterator<Item = R> + Send,
) -> (R, Option<R>)
where
    T: Debug,
{
    (f(item), extra.next())
}

#[zp::batch]
fn rows(#[each] row: &[u8], #[each] out: &mut [u8], #[each] name: &(dyn Debug + Sync)) -> usize {
    out[0] = row.iter().sum();
    format!("{name:?}").len()
}

#[test]
fn closures_iterators_and_items_that_are_references() {
    within(LIMIT, || {
        let factor = 3;
        let results = apply::over(&[1, 2], |n| n * factor, vec![7..9, 0..0]).collect();
        assert_eq!(results, [(3, Some(7)), (6, None)]);

        let (mut left, mut right) = ([0; 2], [0; 1]);
        let lengths = rows::over(
            &[&[1, 2], &[3]],
            &mut [&mut left, &mut right],
            &[&"a", &12_345],
        )
        .collect();
        assert_eq!(lengths, [3, 5]);
        assert_eq!((left, right), ([3, 0], [3]));
    });
}

#[zp::batch]
fn stop_early(#[each] x: &u32, limit: u32, #[cx] cx: &mut zp::Context<'_>) -> Result<u32, u32> {
    assert!(cx.pool().workers() > 0 && !cx.is_cancelled());
    if *x < limit { Ok(*x) } else { Err(*x) }
}

#[zp::batch]
fn given(#[each] byte: u8, len: &usize, #[buf(*len)] mut buffer: zp::Buf) -> zp::Buf {
    buffer.fill(byte);
    buffer
}

#[zp::batch]
fn lent(
    #[each] (a, b): (u8, u8),
    #[index] i: usize,
    #[buf(i + 1)] buffer: &mut zp::Buf,
    #[buf(2)] raw: zp::BufUninit,
) -> (usize, usize) {
    buffer.fill(a + b);
    (
        buffer.iter().map(|&byte| usize::from(byte)).sum(),
        raw.len(),
    )
}

#[test]
fn buffers_and_context_come_from_the_worker() {
    within(LIMIT, || {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(stop_early::over(&items, 7).try_collect(), Err(7));
        assert_eq!(stop_early::over(&items, 100).try_collect(), Ok(items));
        let kept = given::over(vec![1, 2], &3).on(&pool(2)).collect();
        assert_eq!((&kept[0][..], &kept[1][..]), (&[1; 3][..], &[2; 3][..]));
        let sums = lent::over(vec![(1, 1), (2, 3)]).collect();
        assert_eq!(sums, [(2, 2), (10, 2)]);
    });
}

#[test]
fn a_batch_may_be_defined_inside_a_function() {
    within(LIMIT, || {
        #[zp::batch]
        fn add<T>(#[each] a: &mut T, #[each] b: T)
        where
            T: std::ops::AddAssign,
        {
            *a += b;
        }
        let mut numbers = [1.5, 2.5];
        add::over(&mut numbers, vec![1.0, 2.0]).run();
        assert_eq!(numbers, [2.5, 4.5]);
        let mut texts = [String::from("a")];
        #[zp::batch]
        fn append(#[each] text: &mut String, with: &str) {
            text.push_str(with);
        }
        append::over(&mut texts, "b").run();
        assert_eq!(texts, ["ab"]);
    });
}

#[test]
fn the_panic_of_an_item_resumes() {
    within(LIMIT, || {
        #[zp::batch]
        fn explode(#[each] x: &u32) {
            assert!(*x < 500, "item {x}");
        }
        let items: Vec<u32> = (0..501).collect();
        let text = panic_of(|| explode::over(&items).on(&pool(2)).run());
        assert_eq!(text, "item 500");
    });
}
