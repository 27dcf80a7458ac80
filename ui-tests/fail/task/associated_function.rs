// Nothing in the tokens tells the macro that it stands in an `impl`, so this message is the compiler's.
struct Counter(u64);

impl Counter {
    #[zp::task]
    fn start(n: u64) -> Counter {
        Counter(n)
    }
}

fn main() {}
