#[zp::batch]
fn double(#[each] x: &u8, #[buf(8)] tmp: &mut [u8]) -> u8 {
    tmp[0] = *x;
    x * 2
}

fn main() {
    zp::scope(|s| {
        s.spawn(double::over(&[1]));
    });
}
