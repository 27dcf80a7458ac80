// Rule 2: a slot outlives the scope.
fn main() {
    zp::scope(|s| {
        let mut out = 0;
        s.spawn_into(|| 1, &mut out);
    });
}
