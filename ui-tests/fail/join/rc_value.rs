use std::rc::Rc;

fn main() {
    let _ = zp::join!(Rc::new(1), 2);
    let _ = zp::join!(1, 2, Rc::new(3));
}
