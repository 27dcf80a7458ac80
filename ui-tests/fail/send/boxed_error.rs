// `Box<dyn Error>` may be anything: the kind that travels says so.
use std::error::Error;

#[zp::task]
fn parse(text: &str) -> Result<u8, Box<dyn Error>> {
    Ok(text.parse()?)
}

fn main() {
    zp::scope(|s| {
        s.spawn(|| -> Result<u8, Box<dyn Error>> { Ok("1".parse()?) });
    });
}
