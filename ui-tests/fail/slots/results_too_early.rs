// The results of a spawned batch are there when it has ended.
fn main() {
    let mut out = [0; 3];
    zp::scope(|s| {
        let handle = s.spawn_batch(zp::times(3, |i| i).into_slots(&mut out));
        handle.join();
        println!("{out:?}");
    });
}
