#[zp::task(priority = "high")]
fn f() {}

#[zp::task(name = checksum)]
fn g() {}

#[zp::task(struct = "G")]
fn h() {}

#[zp::task(struct)]
fn i() {}

#[zp::task(name = "")]
fn j() {}

#[zp::task(crate = 1)]
fn k() {}

fn main() {}
