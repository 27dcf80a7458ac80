fn load(n: usize, tmp: &mut [u8]) -> usize {
    n + tmp.len()
}

mod files {
    pub fn load(n: usize, tmp: &mut [u8]) -> usize {
        n + tmp.len()
    }
}

fn main() {
    let _ = zp::join!(load(1, _), 1);
    let _ = zp::join!(1, files::load(1, _));
}
