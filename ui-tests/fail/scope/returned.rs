// The scope cannot be its own callback's result.
fn main() {
    let s = zp::scope(|s| s);
    s.spawn(|| ());
}
