#[zp::task]
fn load(n: usize, #[buf(n)] tmp: &mut [u8]) -> usize {
    n + tmp.len()
}

fn main() {
    let _ = zp::join!(load(_, _), 1);
    let _ = zp::join!(load(_), 1);
    let _ = zp::join!(load(1, &mut [0], _), 1);
    let _ = zp::join!(load(1), 1);
}
