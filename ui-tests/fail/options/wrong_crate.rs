// The path leads to this library.
mod other {}

#[zp::task(crate = other)]
fn f() {}

fn main() {}
