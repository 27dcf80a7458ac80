// A length uses the parameters.
#[zp::task]
fn f(data: &[u8], #[buf(size)] tmp: &mut [u8]) -> usize {
    data.len() + tmp.len()
}

fn main() {}
