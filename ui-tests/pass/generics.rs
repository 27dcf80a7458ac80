#![deny(warnings)]
use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

#[zp::task]
fn show<T: Display>(value: T) -> String {
    value.to_string()
}

#[zp::task]
fn parse<T>(text: &str) -> Result<T, T::Err>
where
    T: FromStr,
    T::Err: Debug,
{
    text.parse()
}

#[zp::task]
fn window<T: Copy, const N: usize>(items: &[T], from: usize) -> [T; N] {
    std::array::from_fn(|i| items[from + i])
}

#[zp::task]
fn sizes<A, B>(#[buf(std::mem::size_of::<A>() + std::mem::size_of::<B>())] both: zp::Buf) -> usize {
    both.len()
}

#[zp::task]
fn unsized_by_reference<T: ?Sized + Debug + Sync, K>(value: &T, map: &BTreeMap<u8, K>) -> String
where
    K: Hash,
    for<'a> &'a K: Debug,
{
    format!("{value:?} {}", map.len())
}

#[zp::task]
fn projection<I: Iterator>(first: I::Item, rest: I) -> usize {
    drop(first);
    rest.count()
}

#[zp::task]
fn only_in_bounds<T: ?Sized, U: AsRef<T>>(value: U) -> usize {
    let _: &T = value.as_ref();
    std::mem::size_of::<U>()
}

fn main() {
    zp::scope(|s| {
        assert_eq!(s.spawn(show { value: 1 }).join(), "1");
        assert_eq!(s.spawn(show::new("a")).join(), "a");
        assert_eq!(s.spawn(parse::<u8>::new("12")).join(), Ok(12));
        assert!(s.spawn(parse::<u8>::new("x")).join().is_err());
        let items = &[1, 2, 3];
        let pair: [i32; 2] = s.spawn(window { items, from: 1 }).join();
        assert_eq!(pair, [2, 3]);
        assert_eq!(s.spawn(window::<_, 1>::new(items, 0)).join(), [1]);
        assert_eq!(s.spawn(sizes::<u8, u64>::new()).join(), 9);
        assert_eq!(s.spawn(projection { first: 1, rest: 0..3 }).join(), 3);
        assert_eq!(s.spawn(only_in_bounds::<str, &str>::new("a")).join(), 16);
    });
    let map = BTreeMap::from([(1, "a")]);
    let text = zp::scope(|s| s.spawn(unsized_by_reference { value: "a", map: &map }).join());
    assert_eq!(text, "\"a\" 1");
    assert_eq!(zp::join!(sizes::<u8, u8>(_), 1), (2, 1));
}
