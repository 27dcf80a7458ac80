#[zp::task]
fn print(format: &str, rest: ...) {
    let _ = format;
}

fn main() {}
