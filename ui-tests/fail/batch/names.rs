// The struct would hide a type that the signature means.
#[zp::batch]
fn u8(#[each] x: &u16) -> u16 {
    *x
}

mod colour {
    pub struct Rgb;
}

#[zp::batch]
fn colour(#[each] x: &colour::Rgb) {
    let _ = x;
}

fn main() {}
