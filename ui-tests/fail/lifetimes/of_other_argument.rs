// The result borrows from the argument that the signature names.
#[zp::task]
fn pick<'a>(a: &'a str, b: &str) -> &'a str {
    if a.is_empty() { b } else { a }
}

fn main() {}
