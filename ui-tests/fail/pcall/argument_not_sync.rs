// The same at every level.
use std::cell::Cell;

fn f(x: &Cell<u8>) -> u8 {
    x.get()
}

fn main() {
    let cell = Cell::new(1);
    zp::scope(|s| {
        zp::pcall!(s, minimal, f(&cell)).get();
    });
}
