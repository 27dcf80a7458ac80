// A context is supplied by the worker: without its mark it is an argument like any other, and cannot travel.
#[zp::task]
fn f(n: u32, cx: &mut zp::Context<'_>) -> u32 {
    if cx.is_cancelled() { 0 } else { n }
}

fn main() {}
