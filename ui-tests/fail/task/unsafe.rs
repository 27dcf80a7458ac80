#[zp::task]
unsafe fn peek(address: usize) -> u8 {
    address as u8
}

fn main() {
    // The use of it is no error of its own.
    zp::scope(|s| s.spawn(peek { address: 1 }).join());
}
