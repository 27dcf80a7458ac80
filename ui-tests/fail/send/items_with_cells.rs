// All threads see the items.
use std::cell::Cell;

fn main() {
    let cells = [Cell::new(1), Cell::new(2)];
    zp::each(&cells, |cell| cell.set(0)).run();
}
