#[zp::batch]
fn both(#[each] #[chunk(2)] x: &[u8]) -> usize {
    x.len()
}

#[zp::batch]
fn twice(#[each] #[each] x: &u8, #[index] #[buf(8)] i: usize) -> usize {
    usize::from(*x) + i
}

fn main() {
    both::over(&[&[1]]).run();
    twice::over(&[1]).run();
}
