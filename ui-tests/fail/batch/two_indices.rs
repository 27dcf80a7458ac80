#[zp::batch]
fn f(#[index] i: usize, #[each] x: &usize, #[index] j: usize) -> usize {
    i + j + x
}

fn main() {
    f::over(&[1]).run();
}
