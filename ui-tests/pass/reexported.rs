// A crate that re-exports the library under another path.
mod toolkit {
    pub mod parallel {
        pub use zp::*;
        pub use zp::__private;
    }
}
use toolkit::parallel;

#[parallel::task(crate = crate::toolkit::parallel)]
fn work(n: usize, #[buf(n)] tmp: &mut [u8]) -> usize {
    tmp.len()
}

fn main() {
    assert_eq!(parallel::join!(work(1, _), 2), (1, 2));
    assert_eq!(parallel::scope(|s| s.spawn(work { n: 3 }).join()), 3);
}
