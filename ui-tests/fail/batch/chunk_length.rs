#[zp::batch]
fn missing(#[chunk] rows: &[u8], #[chunk()] more: &[u8]) -> usize {
    rows.len() + more.len()
}

#[zp::batch]
fn zero(#[chunk(0)] a: &[u8], #[chunk(0x00_usize)] b: &mut [u8]) -> usize {
    a.len() + b.len()
}

#[zp::batch]
fn leaves(#[chunk(n.parse()?)] rows: &[u8], n: &str) -> usize {
    rows.len() + n.len()
}

#[zp::batch]
fn other_type(#[chunk(n)] rows: &[u8], n: u32) -> usize {
    rows.len() + n as usize
}

fn main() {}
