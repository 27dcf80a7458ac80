#[zp::batch]
fn several(#[each(4)] x: &u8) -> u8 {
    *x
}

#[zp::batch]
fn valued(#[each = "x"] x: &u8) -> u8 {
    *x
}

#[zp::batch]
fn index(#[index(0)] i: usize) -> usize {
    i
}

fn main() {
    several::over(&[1]).run();
    valued::over(&[1]).run();
    index::times(1).run();
}
