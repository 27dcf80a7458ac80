// Rule 10: a result is `Send`.
use std::rc::Rc;

fn main() {
    zp::scope(|s| {
        s.spawn(|| Rc::new(1));
    });
    let _ = zp::spawn(|| Rc::new(1));
}
