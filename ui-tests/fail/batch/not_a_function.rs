#[zp::batch]
struct Items(Vec<u8>);

#[zp::batch]
fn no_body(#[each] x: &u8);

fn main() {}
