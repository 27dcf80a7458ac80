// A task is one call.
#[zp::task]
fn add(a: u64, b: u64) -> u64 {
    a + b
}

fn main() {
    let task = add { a: 1, b: 2 };
    zp::scope(|s| {
        s.spawn(task);
        s.spawn(task);
    });
}
