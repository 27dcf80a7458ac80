#[zp::task]
fn f(x: u8, x: u8) -> u8 {
    x
}

fn main() {}
