// A slot takes what the task returns.
fn main() {
    let mut out = String::new();
    zp::scope(|s| {
        s.spawn_into(|| 1, &mut out);
    });
}
