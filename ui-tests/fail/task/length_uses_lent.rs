#[zp::task]
fn f(#[buf(8)] a: &mut [u8], #[buf(a.len())] b: &mut [u8]) {
    a.copy_from_slice(b);
}

fn main() {}
