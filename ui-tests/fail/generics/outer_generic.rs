// A function inside another does not see its generics.
fn outer<T: Send + Copy>(x: T) -> T {
    #[zp::task]
    fn inner(x: T) -> T {
        x
    }
    zp::scope(|s| s.spawn(inner { x }).join())
}

fn main() {
    outer(1);
}
