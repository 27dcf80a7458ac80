// The same for the place of a result.
fn main() {
    let mut out = 0;
    zp::scope(|s| {
        std::mem::forget(s.spawn_into(|| 1, &mut out));
        out = 2;
    });
}
