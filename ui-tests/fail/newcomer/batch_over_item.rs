// `over` takes the list, not an item.
#[zp::batch]
fn double(#[each] x: &mut u8) {
    *x *= 2;
}

fn main() {
    let mut items = [1, 2];
    double::over(items).run();
    double::over(&items).run();
    for item in &mut items {
        double::over(item).run();
    }
}
