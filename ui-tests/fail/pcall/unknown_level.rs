fn f(x: u8) -> u8 {
    x
}

fn main() {
    zp::scope(|s| {
        zp::pcall!(s, standart, f(1));
        zp::pcall!(s, adaptive, f(1));
        // Both mistakes at once.
        zp::pcall!(s, maximal, 1 + 1);
    });
}
