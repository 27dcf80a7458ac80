// The same for arms.
fn both<T>(a: impl FnOnce() -> T, b: impl FnOnce() -> T) -> (T, T) {
    zp::join!(a(), b())
}

fn main() {
    both(|| 1, || 2);
}
