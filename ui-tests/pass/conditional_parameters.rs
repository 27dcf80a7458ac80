#![deny(warnings)]
#![allow(unexpected_cfgs)]

// The lifetime of `c` is sure to be used by no field, so there is no literal of this one.
#[zp::task]
fn f(
    a: u8,
    #[cfg(not(absent))] b: u8,
    #[cfg(absent)] c: Nothing<'_>,
    #[cfg(absent)]
    #[buf(c.len())]
    d: &mut [u8],
    #[cfg(not(absent))]
    #[buf(usize::from(b))]
    e: &mut [u8],
    #[cfg(absent)]
    #[cx]
    g: &mut Nothing,
    #[allow(unused_variables)] h: u8,
) -> usize {
    usize::from(a) + e.len()
}

#[zp::task]
fn simple(a: u8, #[cfg(not(absent))] b: u8, #[cfg(absent)] c: Nothing) -> u8 {
    a + b
}

#[cfg(absent)]
#[zp::task]
fn whole(x: Nothing) {}

#[zp::task]
#[cfg(absent)]
fn whole_too(x: Nothing) {}

fn main() {
    let a = zp::scope(|s| s.spawn(f::new(1, 2, 3)).join());
    let b = zp::join!(f(1, 2, _, 3), 0).0;
    assert_eq!((a, b), (3, 3));
    assert_eq!(zp::scope(|s| s.spawn(simple { a: 1, b: 2 }).join()), 3);
    assert_eq!(f(1, 2, &mut [0], 3), 2);
}
