use std::rc::Rc;

fn main() {
    // The second and later arms may run on other threads, and the first is not told apart.
    let name = Rc::new(1);
    let _ = zp::join!(1 + *name, 2);
}
