// A task of the pool outlives the scope, and so cannot have its handles.
fn main() {
    zp::scope(|s| {
        let handle = s.spawn(|| 1);
        zp::spawn(move || handle.join());
    });
}
