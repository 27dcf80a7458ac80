// The same for a batch.
#[zp::task]
fn f(items: &[u32], #[cx] cx: &mut zp::Context<'_>) -> Vec<u32> {
    let cx = &*cx;
    zp::map(items, |x| if cx.is_cancelled() { 0 } else { *x }).collect()
}

fn main() {}
