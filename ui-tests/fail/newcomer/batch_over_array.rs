// A list by value is a vector.
fn main() {
    zp::each([1_u8, 2, 3], |x| println!("{x}")).run();
}
