// Options are separated by commas.
#[zp::task(name = "a" priority = low)]
fn f() {}

#[zp::task(name "a")]
fn g() {}

fn main() {}
