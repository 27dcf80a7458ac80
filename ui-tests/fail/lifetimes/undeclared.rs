// A lifetime is declared.
#[zp::task]
fn first(text: &'a str) -> &'a str {
    text
}

fn main() {}
