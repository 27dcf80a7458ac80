#[zp::task]
fn f(#[cx] cx: &mut u8) -> u8 {
    *cx
}

fn main() {}
