#[zp::task]
fn bool(n: u8) -> u8 {
    n
}

fn main() {}
