// `Copy` and `Sync`, and not `Send`: each thread would get a copy.
use std::marker::PhantomData;

#[derive(Clone, Copy)]
pub struct Here(PhantomData<*const ()>);

unsafe impl Sync for Here {}

#[zp::batch]
fn add(#[each] x: &u32, here: Here) -> u32 {
    let _ = here;
    *x
}

fn main() {
    let sums: Vec<u32> = add::over(&[1, 2, 3], Here(PhantomData)).collect();
    drop(sums);
}
