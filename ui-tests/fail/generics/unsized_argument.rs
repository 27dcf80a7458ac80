// An argument has a size.
#[zp::task]
fn length(text: str) -> usize {
    text.len()
}

fn main() {}
