#![deny(warnings)]
use zp::{Buf as Bytes, BufUninit};

#[zp::task]
fn every_kind(
    n: usize,
    text: String,
    #[buf(n)] slice: &mut [u8],
    #[buf(text.len())] borrowed: &mut zp::Buf,
    #[buf({ let twice = n * 2; twice })] given: Bytes,
    #[buf(3)] raw: BufUninit,
    #[cx] cx: &mut zp::Context<'_>,
) -> (usize, zp::Buf) {
    assert!(slice.iter().all(|&byte| byte == 0));
    let (len, given_len) = (borrowed.len(), given.len());
    drop(raw);
    assert!(!cx.is_cancelled());
    (slice.len() + len + given_len + text.len(), given)
}

#[zp::task]
fn only_for_length(n: usize, #[buf(n)] out: zp::Buf) -> zp::Buf {
    out
}

#[zp::task]
fn empty(#[buf(0)] nothing: &mut [u8]) -> bool {
    nothing.is_empty()
}

type Scratch = [u8];
macro_rules! length {
    ($n:expr) => {
        $n * 2
    };
}

#[zp::task]
fn in_macro(n: usize, #[buf(length!(n))] out: zp::Buf) -> usize {
    let _: &Scratch = &out;
    out.len()
}

fn main() {
    let (n, given) = zp::scope(|s| s.spawn(every_kind { n: 2, text: "abc".into() }).join());
    assert_eq!((n, given.len()), (12, 4));
    assert_eq!(zp::scope(|s| s.spawn(only_for_length { n: 5 }).join()).len(), 5);
    assert_eq!(zp::join!(empty(_), 1), (true, 1));
    assert_eq!(zp::join!(in_macro(2, _), every_kind(1, String::new(), _, _, _, _, _)).0, 4);
}
