// The bounds of a batch function are those of `over`.
use std::fmt::Display;

#[zp::batch]
fn show<T: Display>(#[each] value: &T) -> String {
    value.to_string()
}

struct Silent;

fn main() {
    show::over(&[Silent]).run();
}
