#[zp::task]
fn f((w, h): (usize, usize), #[buf(w * h)] image: &mut [u8]) -> usize {
    image.len() + w + h
}

#[zp::task]
fn g(ref text: String, #[buf(text.len())] copy: &mut [u8]) -> usize {
    text.len() + copy.len()
}

fn main() {}
