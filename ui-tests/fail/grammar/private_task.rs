// The struct is as visible as the function, and so are its fields.
mod work {
    #[zp::task]
    fn hidden(n: u8) -> u8 {
        n
    }

    pub fn call() -> u8 {
        hidden(1)
    }
}

fn main() {
    work::call();
    zp::scope(|s| s.spawn(work::hidden { n: 1 }).join());
}
