// A lent buffer is the worker's: callers neither name nor pass it.
#[zp::task]
fn load(n: usize, #[buf(n)] tmp: &mut [u8]) -> usize {
    n + tmp.len()
}

fn main() {
    let mut bytes = [0; 8];
    let _ = load { n: 8, tmp: &mut bytes };
    let _ = load::new(8, &mut bytes);
}
