// The macros and attributes are `zp`'s.
#[task]
fn f(x: u8) -> u8 {
    x
}

fn main() {
    let _ = join!(f(1), f(2));
    zp::scope(|_| ());
}
