// Every mistake is reported, each at its token, and the uses of the function are not errors.
#[zp::task(colour = "red", priority = urgent)]
async fn all(#[buf] a: &[u8], #[cx] b: u8, #[cx] c: &mut zp::Context<'_>, x: u8) -> impl Sized {
    x
}

fn main() {
    let _ = all::new(1);
    let _ = all { x: 1 };
}
