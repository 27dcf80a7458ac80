#[zp::task]
fn named<'a>(#[buf(8)] tmp: &'a mut [u8]) -> &'a [u8] {
    tmp
}

#[zp::task]
fn elided(n: u8, #[buf(8)] tmp: &mut [u8]) -> &[u8] {
    tmp[0] = n;
    tmp
}

#[zp::task]
fn context<'a>(#[cx] cx: &'a mut zp::Context<'_>) -> Option<&'a u8> {
    let _ = cx;
    None
}

fn main() {}
