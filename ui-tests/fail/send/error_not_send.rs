// Results travel, and so do their errors.
use std::rc::Rc;

#[zp::task]
fn parse(text: &str) -> Result<u8, Rc<str>> {
    text.parse().map_err(|_| Rc::from(text))
}

fn main() {}
