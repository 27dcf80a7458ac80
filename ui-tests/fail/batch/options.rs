#[zp::batch(struct)]
fn a(#[each] x: &u8) -> u8 {
    *x
}

#[zp::batch(grain = 4, priority = urgent, name = "")]
fn b(#[each] x: &u8) -> u8 {
    *x
}

fn main() {
    a::over(&[1]).run();
    b::over(&[1]).run();
}
