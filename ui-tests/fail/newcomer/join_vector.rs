// A join has a fixed number of arms; for many tasks there is `batch_of`.
fn main() {
    let work = vec![1, 2, 3];
    let [a, b, c] = zp::join!(..work);
    println!("{a} {b} {c}");
}
