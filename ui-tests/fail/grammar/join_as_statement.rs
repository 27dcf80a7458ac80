#![deny(unused_must_use)]
// What the arms return is there to be used.
fn parse(text: &str) -> Result<u8, std::num::ParseIntError> {
    text.parse()
}

fn main() {
    zp::join!(parse("1"), parse("2"));
    zp::try_join!(parse("1"), parse("2"));
}
