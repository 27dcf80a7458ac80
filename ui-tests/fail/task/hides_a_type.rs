mod image {
    pub struct Pixel(pub u8);
}

#[zp::task]
fn image(first: &image::Pixel) -> u8 {
    first.0
}

fn main() {}
