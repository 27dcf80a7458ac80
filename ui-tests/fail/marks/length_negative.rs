// A length is a number of bytes, from 0.
#[zp::task]
fn f(#[buf(-1)] tmp: &mut [u8]) -> usize {
    tmp.len()
}

#[zp::task]
fn g(#[buf(1.5)] tmp: &mut [u8]) -> usize {
    tmp.len()
}

fn main() {}
