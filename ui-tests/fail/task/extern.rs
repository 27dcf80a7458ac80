#[zp::task]
extern "C" fn callback(n: u32) -> u32 {
    n
}

fn main() {}
