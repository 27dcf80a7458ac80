struct Text<'a>(&'a str);

#[zp::task]
fn length(text: Text) -> usize {
    text.0.len()
}

fn main() {}
