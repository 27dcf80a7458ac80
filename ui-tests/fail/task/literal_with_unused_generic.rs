mod work {
    #[zp::task]
    pub fn make<T: Default>(n: usize) -> Vec<T> {
        (0..n).map(|_| T::default()).collect()
    }
}

fn main() {
    let _ = work::make::<u8>::new(1);
    let _ = work::make::<u8> { n: 1 };
}
