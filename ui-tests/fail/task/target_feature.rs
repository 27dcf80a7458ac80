#[zp::task]
#[target_feature(enable = "sse2")]
fn fast(x: u8) -> u8 {
    x
}

fn main() {}
