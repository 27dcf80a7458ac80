// The call is what should run elsewhere.
fn work(n: u64) -> u64 {
    n
}

fn main() {
    zp::scope(|s| {
        let handle = s.spawn(work(1));
        println!("{}", handle.join());
    });
}
