// Every mistake is reported, each at its token, and the uses of the function are not errors.
#[zp::batch(colour = "red")]
async fn all<T: Copy>(
    #[each(2)] a: &T,
    #[chunk(0)] b: &[u8],
    #[chunk(2)] c: Vec<u8>,
    #[index] i: u64,
    #[buf(8)] tmp: &[u8],
    total: &mut u64,
) -> impl Sized {
    *a
}

fn main() {
    all::over(&[1_u8], &[2], &[3], &mut 4).run();
    let _ = all::try_over(&[1_u8], &[2], &[3], &mut 4).map(|batch| batch.collect());
}
