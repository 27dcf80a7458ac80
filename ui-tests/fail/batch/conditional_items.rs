#[zp::batch]
fn f(#[cfg(unix)] #[each] x: &u8, #[each] y: &u8, #[chunk(2)] #[cfg(unix)] z: &[u8]) -> usize {
    #[cfg(unix)]
    let _ = (x, z);
    usize::from(*y)
}

fn main() {
    f::over(&[1], &[2], &[3]).run();
}
