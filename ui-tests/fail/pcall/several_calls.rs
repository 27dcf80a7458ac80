fn f(x: u8) -> u8 {
    x
}

fn main() {
    zp::scope(|s| {
        zp::pcall!(s, f(1), f(2));
        zp::pcall!(s, standard, f(1), f(2));
        zp::pcall!(s, f(1), f(2), f(3), f(4));
        zp::pcall!(s, 1 + 1, f(1));
    });
}
