// The function's name in braces makes the task; in parentheses it is a plain call.
#[zp::task]
fn work(n: u64) -> u64 {
    n
}

fn main() {
    zp::scope(|s| s.spawn(work(1)).join());
}
