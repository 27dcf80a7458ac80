use std::rc::Rc;

fn main() {
    let name = Rc::new(1);
    let _ = zp::join!(1, { 2 + *name });
}
