// A loop's closure changes nothing that is outside of it.
fn main() {
    let mut total = 0;
    zp::each(&[1, 2, 3], |x| total += x).run();
    println!("{total}");
}
