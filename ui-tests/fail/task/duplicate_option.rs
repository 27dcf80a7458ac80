#[zp::task(name = "a", priority = low, name = "b")]
fn f() {}

fn main() {}
