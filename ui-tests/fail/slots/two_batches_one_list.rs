// Two batches do not write to one list.
fn main() {
    let mut out = [0; 3];
    zp::scope(|s| {
        s.spawn_batch(zp::times(3, |i| i).into_slots(&mut out));
        s.spawn_batch(zp::times(3, |i| i * 2).into_slots(&mut out));
    });
}
