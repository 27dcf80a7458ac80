struct Image;

impl Image {
    #[zp::batch]
    fn shade(#[each] px: &mut u8, by: u8) {
        *px += by;
    }
}

fn main() {}
