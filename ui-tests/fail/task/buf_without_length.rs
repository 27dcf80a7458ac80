#[zp::task]
fn f(#[buf] tmp: &mut [u8]) {
    tmp[0] = 1;
}

#[zp::task]
fn g(#[buf()] tmp: &mut [u8]) {
    tmp[0] = 1;
}

#[zp::task]
fn h(#[buf = 8] tmp: &mut [u8]) {
    tmp[0] = 1;
}

fn main() {}
