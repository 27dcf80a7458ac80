#[zp::task]
fn f(#[buf(8)] tmp: &[u8]) -> u8 {
    tmp[0]
}

fn main() {}
