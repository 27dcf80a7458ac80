use std::rc::Rc;
use std::sync::MutexGuard;

#[zp::batch]
fn owned(#[each] name: Rc<str>) -> usize {
    name.len()
}

#[zp::batch]
fn zipped(#[each] guard: MutexGuard<'_, u8>, #[each] name: &mut Rc<str>, #[chunk(2)] all: &mut [Rc<u8>]) {
    *name = Rc::from(guard.to_string());
    all.fill(Rc::new(*guard));
}

fn main() {}
