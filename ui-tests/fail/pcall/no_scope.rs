fn f(x: u8) -> u8 {
    x
}

fn main() {
    zp::pcall!(s, f(1)).get();
}
