// Generated code needs no prelude.
#![no_implicit_prelude]
#![deny(warnings)]

#[::zp::task]
fn add<T: ::std::default::Default>(a: u8, text: &str, keep: impl ::std::ops::Fn(u8) -> bool, #[buf(2)] tmp: &mut [u8]) -> u8 {
    let b = if keep(a) { text.len() as u8 } else { 0 };
    a + b + tmp[0]
}

#[::zp::batch]
fn mix<T: ::std::marker::Copy>(#[each] a: &mut T, #[each] b: T, #[chunk(2)] c: &[u8], keep: impl ::std::ops::Fn(&[u8]) -> bool, #[buf(2)] tmp: &mut [u8]) -> u8 {
    if keep(c) {
        *a = b;
    }
    tmp[0]
}

fn main() {
    let mut a = [1, 2];
    mix::over(&mut a, ::std::vec![3, 4], &[0; 3], |c| c.len() == 1).run();
    ::std::assert_eq!(a, [1, 4]);
    let differ = mix::try_over(&mut a, ::std::vec![3], &[], |_| true);
    ::std::assert!(differ.is_err());
    let sum = ::zp::scope(|s| s.spawn(add::<u32, _>::new(1, "ab", |_| true)).join());
    let (a, b, c) = ::zp::join!(add::<u8, _>(1, "ab", |_| true, _), 2, ::zp::join!(3));
    let result: ::std::result::Result<(u8,), u8> = ::zp::try_join!(::std::result::Result::Err(1));
    ::std::assert_eq!((sum, a, b, c, result), (3, 3, 2, (3,), ::std::result::Result::Err(1)));
}
