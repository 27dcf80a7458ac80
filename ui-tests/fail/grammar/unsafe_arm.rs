// An arm is no `unsafe` block.
unsafe fn f() -> u8 {
    1
}

fn main() {
    let _ = zp::join!(f(), 2);
}
