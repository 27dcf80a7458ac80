// Nor the scope.
fn main() {
    zp::scope(|s| {
        zp::spawn(move || {
            s.spawn(|| ());
        });
    });
}
