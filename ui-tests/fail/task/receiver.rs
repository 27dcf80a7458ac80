struct Counter(u64);

impl Counter {
    #[zp::task]
    fn add(&mut self, n: u64) -> u64 {
        self.0 + n
    }
}

fn main() {}
