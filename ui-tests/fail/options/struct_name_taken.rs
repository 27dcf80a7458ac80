// The struct's name is a name like any other.
struct Sum;

#[zp::task(struct = Sum)]
fn sum(a: u8) -> u8 {
    a
}

fn main() {}
