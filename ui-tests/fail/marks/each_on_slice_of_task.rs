// `#[each]` takes an item; what it goes over is a list of these.
#[zp::batch]
fn total(#[each] list: &[u8]) -> u8 {
    list.iter().sum()
}

fn main() {
    let numbers = vec![1_u8, 2, 3];
    total::over(&numbers).run();
}
