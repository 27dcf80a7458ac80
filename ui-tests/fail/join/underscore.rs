struct Loader;

impl Loader {
    fn load(&self, n: usize, tmp: &mut [u8]) -> usize {
        n + tmp.len()
    }
}

#[zp::task]
fn load(n: usize, #[buf(n)] tmp: &mut [u8]) -> usize {
    n + tmp.len()
}

fn main() {
    let loader = Loader;
    let _ = zp::join!(loader.load(1, _), 1);
    let _ = zp::join!(1 + load(1, _), 1);
    let _ = zp::join!(1, { load(1, _) });
    let _ = zp::join!(1, _);
}
