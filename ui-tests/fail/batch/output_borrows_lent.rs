#[zp::batch]
fn named<'a>(#[each] x: &u8, #[buf(8)] tmp: &'a mut [u8]) -> &'a [u8] {
    tmp[0] = *x;
    tmp
}

#[zp::batch]
fn elided(#[each] n: u8, #[buf(8)] tmp: &mut [u8]) -> &[u8] {
    tmp[0] = n;
    tmp
}

// The uses are no mistakes of their own.
fn main() {
    let results: Vec<&[u8]> = named::over(&[1, 2]).collect();
    let longest = elided::over(vec![1, 2]).collect().iter().map(|bytes| bytes.len()).max();
    let _ = (results, longest);
}
