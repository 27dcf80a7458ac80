trait Work {
    #[zp::task]
    fn work(n: u8) -> u8;
}

fn main() {}
