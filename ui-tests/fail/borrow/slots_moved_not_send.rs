// A shared slice stands for the exclusive borrow that it was made from: it travels only where that could.
use std::rc::Rc;

fn main() {
    let mut values = vec![Rc::new(0); 4];
    let slots = zp::Slots::new(&mut values);
    zp::scope(|s| {
        s.spawn(move || drop(slots));
    });
}
