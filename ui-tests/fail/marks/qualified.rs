// Marks are plain names.
#[zp::task]
fn f(n: usize, #[zp::buf(n)] tmp: &mut [u8]) -> usize {
    tmp.len()
}

fn main() {}
