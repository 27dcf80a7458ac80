#[zp::batch]
fn double(#[each] x: &u8, by: &u8) -> u8 {
    x * by
}

fn main() {
    let items = [1, 2];
    let mut out = [0; 2];
    zp::scope(|s| {
        let by = 2;
        s.spawn_batch(double::over(&items, &by).into_slots(&mut out));
    });
    let mut out = [0; 2];
    zp::scope(|s| {
        s.spawn_batch(double::over(&items, &2).into_slots(&mut out));
        println!("{out:?}");
    });
}
