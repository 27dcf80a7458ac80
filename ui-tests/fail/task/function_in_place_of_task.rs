// The function itself is no task: its parameter struct is.
#[zp::task]
fn f(x: u8) -> u8 {
    x
}

fn main() {
    zp::scope(|s| s.spawn(f).join());
}
