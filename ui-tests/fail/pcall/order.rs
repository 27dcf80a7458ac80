fn f(x: u8) -> u8 {
    x
}

fn main() {
    zp::scope(|s| {
        zp::pcall!(s, f(1), standard);
        zp::pcall!(s, minimal);
    });
}
