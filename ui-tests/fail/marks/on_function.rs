// A mark goes on a parameter.
#[zp::task]
#[buf(8)]
fn f(n: usize) -> usize {
    n
}

fn main() {}
