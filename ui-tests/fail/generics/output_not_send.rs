// The result of a generic task travels.
use std::rc::Rc;

#[zp::task]
fn give<T: Default>(n: usize) -> Vec<T> {
    (0..n).map(|_| T::default()).collect()
}

fn main() {
    zp::scope(|s| {
        s.spawn(give::<u8>::new(1));
        s.spawn(give::<Rc<u8>>::new(1));
    });
}
