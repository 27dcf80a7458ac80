#[zp::task(prio = high)]
fn f() {}

#[zp::task("checksum")]
fn g() {}

fn main() {}
