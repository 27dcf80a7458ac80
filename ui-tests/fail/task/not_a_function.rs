#[zp::task]
struct Checksum {
    seed: u64,
}

fn main() {
    let _ = Checksum { seed: 1 }.seed;
}
