// The options are the same for both attributes, and so are the mistakes.
#[zp::batch(struct = Task, struct = Other)]
fn f(#[each] x: &u8) -> u8 {
    *x
}

#[zp::batch(name = 1)]
fn g(#[each] x: &u8) -> u8 {
    *x
}

fn main() {}
