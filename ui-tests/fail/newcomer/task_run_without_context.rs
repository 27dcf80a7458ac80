// A task is run by a pool, not by its own method.
#[zp::task]
fn add(a: u64, b: u64) -> u64 {
    a + b
}

fn main() {
    let task = add { a: 1, b: 2 };
    println!("{}", task.run());
}
