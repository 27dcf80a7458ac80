// Each buffer has its own mark.
#[zp::task]
fn f(#[buf(8)] a: &mut [u8], b: &mut [u8]) {
    a.copy_from_slice(b);
}

fn main() {
    zp::scope(|s| s.spawn(f::new()).join());
}
