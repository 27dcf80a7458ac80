#[zp::batch]
fn uses_lent(#[each] x: &u8, #[buf(8)] a: &mut [u8], #[buf(a.len())] b: &mut [u8]) -> usize {
    usize::from(*x) + a.len() + b.len()
}

#[zp::batch]
fn no_length(#[each] x: &u8, #[buf] a: &[u8]) -> usize {
    usize::from(*x) + a.len()
}

#[zp::batch]
fn moves_item(#[each] text: String, #[buf(text.into_bytes().len())] a: &mut [u8]) -> usize {
    text.len() + a.len()
}

fn main() {}
