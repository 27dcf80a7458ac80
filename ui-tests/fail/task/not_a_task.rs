fn work() -> u8 {
    1
}

fn main() {
    zp::scope(|s| {
        s.spawn(work());
    });
}
