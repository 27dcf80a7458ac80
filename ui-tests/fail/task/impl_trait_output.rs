#[zp::task]
fn evens(n: u32) -> impl Iterator<Item = u32> {
    (0..n).step_by(2)
}

#[zp::task]
fn boxed(n: u32) -> Box<impl Fn(u32) -> u32> {
    Box::new(move |x| x + n)
}

fn main() {}
