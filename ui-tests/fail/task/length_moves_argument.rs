#[zp::task]
fn f(text: String, #[buf(text.into_bytes().len())] tmp: &mut [u8]) -> usize {
    text.len() + tmp.len()
}

fn main() {}
