use std::rc::Rc;

#[zp::batch]
fn share(#[each] x: &u8) -> Rc<u8> {
    Rc::new(*x)
}

fn main() {}
