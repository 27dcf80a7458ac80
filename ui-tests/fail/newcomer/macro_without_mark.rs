// A macro is called with `!`, and a function without.
fn main() {
    let (a, b) = zp::join(1 + 1, 2);
    zp::scope!(|s| s.spawn(|| a + b));
}
