#![deny(unused_must_use)]
// A loop runs when it is told how.
fn main() {
    zp::each(&[1, 2, 3], |x| println!("{x}"));
}
