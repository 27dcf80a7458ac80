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

fn scale(x: &mut u32, i: usize, rows: &[u8], by: u32, tmp: &mut [u8]) -> usize {
    *x *= by;
    i + rows.len() + tmp.len()
}

mod batch {
    #[zp::batch]
    pub fn scale(#[each] x: &mut u32, #[index] i: usize, #[chunk(2)] rows: &[u8], by: u32, #[buf(i)] tmp: &mut [u8]) -> usize {
        *x *= by;
        i + rows.len() + tmp.len()
    }
}

fn main() {
    let plain: fn(u8, usize, &mut [u8]) -> usize = fill;
    let annotated: fn(u8, usize, &mut [u8]) -> usize = task::fill;
    assert_eq!(plain(1, 2, &mut [0; 2]), annotated(1, 2, &mut [0; 2]));
    assert_eq!(zp::scope(|s| s.spawn(task::fill { value: 1, n: 2 }).join()), 4);
    let plain: fn(&mut u32, usize, &[u8], u32, &mut [u8]) -> usize = scale;
    let annotated: fn(&mut u32, usize, &[u8], u32, &mut [u8]) -> usize = batch::scale;
    let (mut a, mut b) = (1, 1);
    assert_eq!(plain(&mut a, 1, &[2], 3, &mut [0]), annotated(&mut b, 1, &[2], 3, &mut [0]));
    assert_eq!((a, b), (3, 3));
    assert_eq!(batch::scale::over(&mut [1, 2], &[0; 3], 2).collect(), [2, 3]);
}
