fn main() {
    let _ = zp::join!(|| 1, 2);
    let _ = zp::join!(1, move || 2);
    let _: Result<_, ()> = zp::try_join!(|x: u8| Ok(x), Ok(2));
}
