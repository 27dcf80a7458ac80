use std::cell::Cell;
use std::rc::Rc;

#[zp::batch]
fn add(#[each] x: &usize, total: &Cell<usize>) {
    total.set(total.get() + x);
}

#[zp::batch]
fn count(#[index] i: usize, names: &Rc<Vec<String>>, start: *const u8) -> bool {
    names.len() > i && start.is_null()
}

fn main() {}
