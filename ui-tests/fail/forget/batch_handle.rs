// The same for the items of a batch.
#[zp::batch]
fn double(#[each] x: &mut u8) {
    *x *= 2;
}

fn main() {
    let mut items = [1, 2];
    zp::scope(|s| {
        std::mem::forget(s.spawn_batch(double::over(&mut items)));
        items[0] = 3;
    });
}
