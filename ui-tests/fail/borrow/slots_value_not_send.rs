// Rule 10: what is written into a shared slice is `Send`, and so is what it drops.
use std::rc::Rc;

fn main() {
    let mut values = vec![Rc::new(0); 4];
    let slots = zp::Slots::new(&mut values);
    zp::scope(|s| {
        s.spawn(|| drop(slots.write(0, Rc::new(1))));
    });
}
