// A comma has an arm on either side.
fn main() {
    zp::join!(1,, 2);
}
