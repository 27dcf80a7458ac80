// With a name of its own the struct is called by that.
#[zp::task(struct = Sum)]
fn sum(a: u8) -> u8 {
    a
}

fn main() {
    zp::scope(|s| s.spawn(sum { a: 1 }).join());
}
