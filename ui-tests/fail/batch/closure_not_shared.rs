use std::cell::Cell;

#[zp::batch]
fn apply<T: Copy>(#[each] x: &mut T, f: impl Fn(T) -> T) {
    *x = f(*x);
}

#[zp::batch]
fn watch(#[each] x: &u8, f: &dyn Fn(u8) -> u8) -> u8 {
    f(*x)
}

fn main() {
    let text = String::from("a");
    apply::over(&mut [1], move |x| x + text.len()).run();
    let total = Cell::new(1);
    apply::over(&mut [1], |x| x + total.get()).run();
}
