use std::fmt::Display;
use std::rc::Rc;

#[zp::task]
fn show<T: Display>(value: T) -> String {
    value.to_string()
}

fn main() {
    zp::scope(|s| s.spawn(show { value: 1 }).join());
    zp::scope(|s| s.spawn(show { value: Rc::new(1) }).join());
}
