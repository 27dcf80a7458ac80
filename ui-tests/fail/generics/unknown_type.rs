// A type that is not there is reported where it is written.
#[zp::task]
fn f(image: &Image, n: usize) -> Pixel {
    image.at(n)
}

fn main() {}
