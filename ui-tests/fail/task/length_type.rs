#[zp::task]
fn f(n: u32, #[buf(n)] tmp: &mut [u8]) -> usize {
    tmp.len()
}

#[zp::task]
fn g(#[buf("8")] tmp: &mut [u8]) -> usize {
    tmp.len()
}

fn main() {}
