// One slot, one task.
fn main() {
    let mut out = 0;
    zp::scope(|s| {
        s.spawn_into(|| 1, &mut out);
        s.spawn_into(|| 2, &mut out);
    });
    println!("{out}");
}
