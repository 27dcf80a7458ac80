#[zp::task]
fn load(n: usize, #[buf(n)] tmp: &mut [u8]) -> usize {
    n + tmp.len()
}

fn plain(n: usize, tmp: &mut [u8]) -> usize {
    n + tmp.len()
}

fn twice(n: usize) -> usize {
    n * 2
}

fn main() {
    zp::scope(|s| {
        zp::pcall!(s, (load)(1, _));
        zp::pcall!(s, _);
        zp::pcall!(s, plain(1, _));
        zp::pcall!(s, twice(load(1, _)));
    });
}
