// The same for a task.
#[zp::task]
fn f(#[cx] cx: &mut zp::Context<'_>) {
    zp::scope(|s| {
        s.spawn(|| cx.is_cancelled());
    });
}

fn main() {}
