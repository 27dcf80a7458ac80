// Arms are separated by commas.
fn main() {
    zp::join!(1; 2);
}
