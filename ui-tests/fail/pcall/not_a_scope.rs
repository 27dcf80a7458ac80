fn f(x: u8) -> u8 {
    x
}

fn main() {
    let pool = zp::Pool::new();
    zp::pcall!(pool, f(1));
    zp::pcall!(standard, f(1));
}
