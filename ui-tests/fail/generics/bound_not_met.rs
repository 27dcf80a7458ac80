// The bounds of the function are the struct's.
use std::fmt::Display;

#[zp::task]
fn show<T: Display + Send>(value: T) -> String {
    value.to_string()
}

struct Silent;

fn main() {
    let _ = show::new(Silent);
    let _ = show { value: Silent };
}
