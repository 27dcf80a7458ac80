// The same for the arguments of `pcall!`.
fn sort(items: &mut [u8]) {
    items.sort();
}

fn main() {
    let mut items = [2, 1];
    zp::scope(|s| {
        std::mem::forget(zp::pcall!(s, sort(&mut items)));
        items[0] = 3;
    });
}
