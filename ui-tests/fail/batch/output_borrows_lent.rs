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

fn main() {}
