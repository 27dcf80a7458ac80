// A word that is no option, or no value, is named, with those that are.
#[zp::task(priority = hihg)]
fn f() {}

#[zp::task(nam = "f")]
fn g() {}

#[zp::task(Struct = F)]
fn h() {}

fn main() {}
