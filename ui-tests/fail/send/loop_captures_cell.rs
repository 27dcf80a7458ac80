// A loop's closure is called by several threads at once.
use std::cell::Cell;

fn main() {
    let total = Cell::new(0);
    zp::each(&[1, 2, 3], |x| total.set(total.get() + x)).run();
}
