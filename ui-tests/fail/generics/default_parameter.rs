// Functions have no default generics.
#[zp::task]
fn make<T: Default = u8>(n: usize) -> (usize, T) {
    (n, T::default())
}

fn main() {}
