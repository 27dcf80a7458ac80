#[zp::task]
fn f(#[cx] a: &mut zp::Context<'_>, #[cx] b: &mut zp::Context<'_>) -> bool {
    a.is_cancelled() || b.is_cancelled()
}

fn main() {}
