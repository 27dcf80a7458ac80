// Building a pool can fail.
fn main() {
    let pool = zp::Pool::builder().workers(2);
    pool.install(|| ());
    let pool = zp::Pool::new();
    pool.install(|| ());
}
