// Each `impl Trait` argument is one more generic of the struct.
#[zp::task]
fn apply<T: Copy + Send>(x: T, f: impl Fn(T) -> T + Send) -> T {
    f(x)
}

fn main() {
    let _ = apply::<u8, _>::new(1, |x| x);
    let _ = apply::<u8>::new(1, |x| x);
    let _ = apply::<u8, _, u8>::new(1, |x| x);
}
