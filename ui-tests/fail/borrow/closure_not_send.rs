// Rule 10: what a task captures is `Send`.
use std::rc::Rc;

fn main() {
    let name = Rc::new(1);
    zp::scope(|s| {
        s.spawn(move || *name);
    });
}
