fn main() {
    let _ = zp::join!(1 2);
}
