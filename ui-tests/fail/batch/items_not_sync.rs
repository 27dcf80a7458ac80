use std::cell::Cell;
use std::rc::Rc;

#[zp::batch]
fn one(#[each] x: &Cell<u8>) -> u8 {
    x.get()
}

#[zp::batch]
fn zipped(#[each] x: &u8, #[each] name: &Rc<str>, #[chunk(2)] cells: &[Cell<u8>]) -> usize {
    usize::from(*x) + name.len() + cells.len()
}

fn main() {}
