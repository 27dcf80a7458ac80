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

#[parallel::batch(crate = crate::toolkit::parallel)]
fn each(#[each] x: &usize, #[each] y: &usize, #[buf(*x)] tmp: &mut [u8]) -> usize {
    tmp.len() + y
}

#[parallel::batch(crate = crate::toolkit::parallel, priority = high)]
fn count(#[index] i: usize) -> usize {
    i
}

fn main() {
    assert_eq!(each::over(&[1, 2], &[3, 4]).collect(), [4, 6]);
    assert_eq!(count::times(2).collect(), [0, 1]);
    assert_eq!(parallel::join!(work(1, _), 2), (1, 2));
    assert_eq!(parallel::scope(|s| s.spawn(work { n: 3 }).join()), 3);
}
