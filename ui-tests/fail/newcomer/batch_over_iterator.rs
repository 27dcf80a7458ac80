// A batch goes over something that can be divided.
fn main() {
    zp::each([1, 2, 3].iter().filter(|x| **x > 1), |x| println!("{x}")).run();
}
