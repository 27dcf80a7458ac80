// A mark belongs to a function with the attribute.
fn f(n: usize, #[buf(n)] tmp: &mut [u8]) -> usize {
    tmp.len()
}

fn main() {
    f(1, &mut [0]);
}
