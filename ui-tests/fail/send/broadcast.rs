// Every worker calls the function.
use std::cell::Cell;

fn main() {
    let pool = zp::Pool::new().unwrap();
    let calls = Cell::new(0);
    pool.broadcast(|_| calls.set(calls.get() + 1));
}
