struct Text<'a>(&'a str);

// Plain Rust takes this, but a macro cannot see that `Text` has a lifetime.
#[zp::task]
fn hidden(text: Text) -> &str {
    text.0
}

fn main() {}
