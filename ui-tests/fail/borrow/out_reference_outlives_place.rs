// The reference that `set` returns does not outlive the place.
use std::mem::MaybeUninit;

fn main() {
    let written: &mut u64;
    {
        let mut place = MaybeUninit::uninit();
        written = zp::Out::from(&mut place).set(1);
    }
    *written += 1;
}
