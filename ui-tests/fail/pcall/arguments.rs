fn f(x: u8, y: &str) -> usize {
    usize::from(x) + y.len()
}

fn main() {
    zp::scope(|s| {
        zp::pcall!(s, f(1));
        zp::pcall!(s, f(1, "2", 3));
        zp::pcall!(s, f("1", "2"));
        zp::pcall!(s, f(1, String::from("2")));
        zp::pcall!(s, g(1));
        zp::pcall!(s, f(x, "2"));
        let n: usize = zp::pcall!(s, f(1, "2"));
    });
}
