struct Image(u8);

impl Image {
    fn render(&self, scale: u8) -> u8 {
        self.0 * scale
    }

    fn clear(&self) {}

    fn get<T: From<u8>>(&self) -> T {
        self.0.into()
    }
}

fn main() {
    let image = Image(1);
    let images = [Image(2)];
    zp::scope(|s| {
        zp::pcall!(s, image.render(2));
        zp::pcall!(s, standard, image.clear());
        zp::pcall!(s, images[0].render(2));
        zp::pcall!(s, image.get::<u32>());
    });
}
