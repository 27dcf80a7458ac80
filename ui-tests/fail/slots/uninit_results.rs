// What nobody has written cannot be read, and `write_uninit` lends what it wrote.
use std::mem::MaybeUninit;

fn main() {
    let mut out = [const { MaybeUninit::<u32>::uninit() }; 3];
    zp::map(&[1, 2, 3], |x| x + 1).write_uninit(&mut out);
    let first: u32 = out[0];
    println!("{first}");
}
