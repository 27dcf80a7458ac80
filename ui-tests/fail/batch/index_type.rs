#[zp::batch]
fn narrow(#[index] i: u32, #[each] x: &u32) -> u32 {
    i + x
}

#[zp::batch]
fn reference(#[index] i: &usize) -> usize {
    *i
}

fn main() {
    narrow::over(&[1]).run();
    reference::times(2).run();
}
