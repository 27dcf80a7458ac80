// Without its attributes a task function compiles and means the same.
#![deny(warnings)]

fn fill(value: u8, n: usize, tmp: &mut [u8]) -> usize {
    tmp.fill(value);
    tmp.len() + n
}

mod task {
    #[zp::task]
    pub fn fill(value: u8, n: usize, #[buf(n)] tmp: &mut [u8]) -> usize {
        tmp.fill(value);
        tmp.len() + n
    }
}

fn main() {
    let plain: fn(u8, usize, &mut [u8]) -> usize = fill;
    let annotated: fn(u8, usize, &mut [u8]) -> usize = task::fill;
    assert_eq!(plain(1, 2, &mut [0; 2]), annotated(1, 2, &mut [0; 2]));
    assert_eq!(zp::scope(|s| s.spawn(task::fill { value: 1, n: 2 }).join()), 4);
}
