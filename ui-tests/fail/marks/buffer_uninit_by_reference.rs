// An uninitialised buffer is given away, to be filled.
#[zp::task]
fn f(#[buf(8)] tmp: &mut zp::BufUninit) -> usize {
    tmp.len()
}

#[zp::task]
fn g(#[buf(8)] tmp: zp::BufUninit) -> u8 {
    tmp[0]
}

fn main() {}
