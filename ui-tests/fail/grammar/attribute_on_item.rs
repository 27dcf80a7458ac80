// The attribute goes on a function.
#[zp::task]
mod work {}

#[zp::task]
const N: usize = 1;

#[zp::batch]
enum Kind {
    One,
}

fn main() {}
