#[zp::batch]
fn item(#[each] n: usize, #[chunk(n)] rows: &[u8]) -> usize {
    rows.len() + n
}

#[zp::batch]
fn itself(#[chunk(rows.len() / 4)] rows: &[u8]) -> usize {
    rows.len()
}

#[zp::batch]
fn index(#[index] i: usize, #[chunk(i + 1)] rows: &[u8]) -> usize {
    rows.len() + i
}

#[zp::batch]
fn lent(#[chunk(tmp.len())] rows: &[u8], #[buf(8)] tmp: &mut [u8]) -> usize {
    rows.len() + tmp.len()
}

#[zp::batch]
fn pattern(#[chunk(w * h)] rows: &[u8], (w, h): (usize, usize)) -> usize {
    rows.len() + w + h
}

fn main() {}
