// One function is one of the two.
#[zp::task]
#[zp::batch]
fn f(#[each] x: &u8) -> u8 {
    *x
}

#[zp::batch]
#[zp::task(struct = Task)]
fn g(#[each] x: &u8) -> u8 {
    *x
}

fn main() {}
