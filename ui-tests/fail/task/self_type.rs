struct Counter(u64);

impl Counter {
    #[zp::task]
    fn start(from: &Self, n: u64) -> Self {
        Counter(from.0 + n)
    }
}

fn main() {}
