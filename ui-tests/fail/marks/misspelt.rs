// A mark that is none.
#[zp::task]
fn f(n: usize, #[buff(n)] tmp: &mut [u8]) -> usize {
    tmp.len()
}

#[zp::batch]
fn g(#[eech] x: &u8) -> u8 {
    *x
}

fn main() {}
