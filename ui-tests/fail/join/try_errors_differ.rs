fn main() {
    let _ = zp::try_join!("1".parse::<u8>(), Ok::<u8, String>(2));
}
