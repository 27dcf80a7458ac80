#[zp::task]
fn f(#[cx(8)] cx: &mut zp::Context<'_>) -> bool {
    cx.is_cancelled()
}

#[zp::task]
fn g(#[cx] #[buf(8)] both: &mut [u8]) -> u8 {
    both[0]
}

#[zp::task]
fn h(#[each] x: &u8, #[index] i: usize) -> usize {
    usize::from(*x) + i
}

fn main() {}
