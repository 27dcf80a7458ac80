// The same for the handle of a batch.
fn main() {
    let handle = zp::scope(|s| s.spawn_batch(zp::times(3, |i| drop(i))));
    handle.join();
}
