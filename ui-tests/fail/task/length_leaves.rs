#[zp::task]
fn f(n: Option<usize>, #[buf(n?)] tmp: &mut [u8]) -> Option<usize> {
    n.map(|n| n + tmp.len())
}

#[zp::task]
fn g(n: usize, #[buf(if n > 8 { return 0 } else { n })] tmp: &mut [u8]) -> usize {
    n + tmp.len()
}

fn main() {}
