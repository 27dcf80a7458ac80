// Not on a block of functions.
struct Image;

#[zp::task]
impl Image {
    fn width(&self) -> usize {
        1
    }
}

fn main() {
    Image.width();
}
