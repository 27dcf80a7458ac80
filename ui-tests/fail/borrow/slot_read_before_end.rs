// A result is read after the scope, or through its handle.
fn main() {
    let mut out = 0;
    zp::scope(|s| {
        s.spawn_into(|| 1, &mut out);
        println!("{out}");
    });
}
