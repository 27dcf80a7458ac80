use std::cell::Cell;
use std::rc::Rc;

#[zp::task]
fn count(n: usize, names: Rc<Vec<String>>) -> usize {
    n + names.len()
}

#[zp::task]
fn add(n: usize, total: &Cell<usize>) {
    total.set(total.get() + n);
}

fn main() {}
