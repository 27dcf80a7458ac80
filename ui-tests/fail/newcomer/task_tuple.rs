// Fields have names.
#[zp::task]
fn add(a: u64, b: u64) -> u64 {
    a + b
}

fn main() {
    zp::scope(|s| s.spawn(add { 1, 2 }).join());
}
