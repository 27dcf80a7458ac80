// What occurs in no field has to be said.
#[zp::task]
fn make<T: Default + Send>(n: usize) -> Vec<T> {
    (0..n).map(|_| T::default()).collect()
}

fn main() {
    zp::scope(|s| {
        s.spawn(make::new(2));
    });
}
