#[zp::batch]
fn longer(#[each] word: &str, or: &str) -> &str {
    if word.is_empty() { or } else { word }
}

#[zp::batch]
fn from_nowhere(#[index] i: usize) -> &str {
    &"text"[i..]
}

fn main() {}
