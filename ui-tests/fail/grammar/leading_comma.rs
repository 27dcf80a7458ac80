// The first arm comes first.
fn main() {
    zp::join!(, 1);
}
