// Rule 10: what a task captures is `Send`; a shared `Cell` is not.
use std::cell::Cell;

fn main() {
    let total = Cell::new(1);
    zp::scope(|s| {
        s.spawn(|| total.set(2));
    });
}
