#[zp::batch]
fn double(#[each] x: &mut u8) -> &mut u8 {
    *x *= 2;
    x
}

#[zp::batch]
fn consume(#[each] x: String) -> usize {
    x.len()
}

fn main() {
    let mut items = vec![1, 2];
    let batch = double::over(&mut items);
    items.push(3);
    batch.run();
    let results = double::over(&mut items).collect();
    items[0] = 1;
    drop(results);
    let names = vec![String::new()];
    consume::over(names).run();
    println!("{names:?}");
}
