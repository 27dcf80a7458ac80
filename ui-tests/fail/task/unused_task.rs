#![deny(unused_must_use)]

#[zp::task]
fn f(x: u8) -> u8 {
    x
}

fn main() {
    f::new(1);
}
