fn f(x: u8) -> u8 {
    x
}

fn main() {
    zp::scope(|s| {
        zp::pcall!();
        zp::pcall!(s);
        zp::pcall!(f(1));
    });
}
