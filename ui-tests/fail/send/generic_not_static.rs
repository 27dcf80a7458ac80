// The same for a task of a pool.
fn run<F: FnOnce() -> u8 + Send>(f: F) -> zp::JoinHandle<u8> {
    zp::spawn(f)
}

fn main() {
    let _ = run(|| 1).wait();
}
