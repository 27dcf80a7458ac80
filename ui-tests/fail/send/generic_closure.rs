// A generic function has to ask for what a task needs.
fn run<F: FnOnce() -> u8>(f: F) -> u8 {
    zp::scope(|s| s.spawn(f).join())
}

fn main() {
    run(|| 1);
}
