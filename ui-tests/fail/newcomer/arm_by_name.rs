// Arms have no names.
fn main() {
    let (a, b) = zp::join!(a = 1, b = 2);
    println!("{a} {b}");
}
