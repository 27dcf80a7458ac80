// A scope is lent by `zp::scope`.
fn main() {
    let s = zp::Scope::new();
    s.spawn(|| ());
}
