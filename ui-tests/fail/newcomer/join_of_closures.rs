// Other libraries join closures; here the arms are expressions.
fn main() {
    let list = [1, 2, 3];
    let (sum, max) = zp::join!(|| list.iter().sum::<i32>(), || list.iter().max());
    println!("{sum} {max:?}");
}
