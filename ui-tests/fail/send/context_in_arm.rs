// The context belongs to the thread that runs the task; an arm may run on another.
#[zp::task]
fn f(n: u32, #[cx] cx: &mut zp::Context<'_>) -> (bool, u32) {
    zp::join!(cx.is_cancelled(), n + 1)
}

fn main() {}
