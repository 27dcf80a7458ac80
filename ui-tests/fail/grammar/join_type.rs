// A macro of expressions has no types.
fn main() {
    let _: (u8, u8) = zp::join!(1, u8);
}
