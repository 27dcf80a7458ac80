// `const` is no obstacle, and what it does not allow it does not allow here.
#[zp::task]
const fn length(text: &str) -> String {
    String::from(text)
}

fn main() {}
