use std::cell::Cell;

fn main() {
    let cell = Cell::new(1);
    let _ = zp::join!(1, 2, cell.set(3));
}
