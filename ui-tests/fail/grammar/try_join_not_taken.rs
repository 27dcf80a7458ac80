// The join itself is a `Result`.
fn main() {
    let (a, b) = zp::try_join!(Ok::<u8, ()>(1), Ok(2));
    println!("{a} {b}");
}
