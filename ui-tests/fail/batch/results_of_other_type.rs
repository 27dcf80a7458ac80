#[zp::batch]
fn double(#[each] x: &u8) -> u16 {
    u16::from(*x) * 2
}

fn main() {
    let mut out = [0_u8; 2];
    double::over(&[1, 2]).write_to(&mut out);
    let _ = double::over(&[1, 2]).try_collect();
    let _: u32 = double::over(&[1, 2]).reduce(0, |a, b| a + b);
}
