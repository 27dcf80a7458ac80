#[zp::task]
fn f(#[buf(8)] tmp: &mut [u16]) {
    tmp[0] = 1;
}

#[zp::task]
fn g(#[buf(8)] tmp: [u8; 8]) -> u8 {
    tmp[0]
}

#[zp::task]
fn h(#[buf(8)] tmp: &mut (u8, u8)) {
    tmp.0 = 1;
}

fn main() {}
