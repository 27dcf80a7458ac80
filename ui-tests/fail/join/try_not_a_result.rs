fn main() {
    let _: Result<(u8, u8), ()> = zp::try_join!(1, Ok(2));
    let _: Result<(u8,), ()> = zp::try_join!(Some(1));
}
