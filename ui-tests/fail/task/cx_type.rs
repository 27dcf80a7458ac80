#[zp::task]
fn by_value(#[cx] cx: zp::Context<'_>) {
    let _ = cx;
}

#[zp::task]
fn shared(#[cx] cx: &zp::Context<'_>) -> bool {
    cx.is_cancelled()
}

fn main() {}
