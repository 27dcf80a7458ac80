// A length is an expression.
#[zp::task]
fn f(n: usize, #[buf(n,)] tmp: &mut [u8]) -> usize {
    n + tmp.len()
}

#[zp::task]
fn g(n: usize, #[buf(let m = n)] tmp: &mut [u8]) -> usize {
    n + tmp.len()
}

fn main() {}
