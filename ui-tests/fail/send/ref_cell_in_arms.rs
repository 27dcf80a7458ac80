// A `RefCell` counts its borrows without looking at other threads.
use std::cell::RefCell;

fn main() {
    let list = RefCell::new(vec![1]);
    zp::join!(list.borrow_mut().push(2), list.borrow_mut().push(3));
}
