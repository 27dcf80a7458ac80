struct Text<'a>(&'a str);

#[zp::batch]
fn item(#[each] text: &Text) -> usize {
    text.0.len()
}

#[zp::batch]
fn shared(#[index] i: usize, text: &Text) -> usize {
    text.0.len() + i
}

fn main() {}
