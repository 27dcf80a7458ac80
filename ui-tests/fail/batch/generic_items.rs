// What depends on a type parameter is said where the types are known.
use std::rc::Rc;

#[zp::batch]
fn show<T: std::fmt::Debug>(#[each] x: &T) -> String {
    format!("{x:?}")
}

#[zp::batch]
fn keep<T>(#[each] x: T, #[index] _: usize) -> T {
    x
}

fn main() {
    show::over(&[Rc::new(1)]).run();
    let _ = keep::over(vec![Rc::new(1)]).collect();
}
