#![deny(unused_must_use)]

#[zp::batch]
fn add(#[each] x: &mut u8, #[each] y: &u8) {
    *x += y;
}

fn main() {
    add::over(&mut [1], &[2]);
    add::try_over(&mut [1], &[2]);
}
