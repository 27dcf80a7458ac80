//! One program in the editions before that of the other tests; each is a package of its own.

#![cfg(test)]
#![deny(warnings)]

macro_rules! tasks {
    ($($name:ident($param:ident: $ty:ty) -> $output:ty $body:block)*) => {
        $(
            #[zp::task]
            fn $name($param: $ty) -> $output $body
        )*
    };
}

tasks! {
    half(n: u32) -> u32 { n / 2 }
    length(text: &str) -> usize { text.len() }
}

#[zp::task]
fn largest<'a, T>(items: &'a [T], #[buf(8)] tmp: &mut [u8]) -> Option<&'a T>
where
    T: Ord + Sync,
{
    tmp[0] = 1;
    items.iter().max()
}

#[zp::batch]
fn scale(#[each] to: &mut u32, #[index] i: usize, by: u32) -> u32 {
    *to = *to * by + i as u32;
    *to
}

fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[test]
#[cfg_attr(miri, ignore = "about the compiler")]
fn everything_works() {
    let (a, b) = zp::join!(half(4), length("abc"));
    assert_eq!((a, b), (2, 3));
    let (c, d) = zp::scope(|s| {
        let c = s.spawn(largest::new(&[1, 3, 2]));
        let d = zp::pcall!(s, half(6));
        (c.join().copied(), d.get())
    });
    assert_eq!((c, d), (Some(3), 3));
    let mut items = vec![1, 2];
    assert_eq!(scale::over(&mut items, 10).collect(), [10, 21]);
    let both = zp::try_join!(parse("1"), parse("x"));
    assert!(both.is_err());
    let failed = zp::try_join!(parse("1"), parse("2"));
    assert_eq!(failed, Ok((1, 2)));
}
