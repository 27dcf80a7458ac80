// The same for a vector, which is what `collect` is for.
fn main() {
    let mut all = Vec::new();
    zp::times(10, |i| all.push(i)).run();
    println!("{all:?}");
}
