#[zp::batch]
fn vector(#[chunk(4)] rows: Vec<u8>) -> usize {
    rows.len()
}

#[zp::batch]
fn reference_to_vector(#[chunk(4)] rows: &Vec<u8>) -> usize {
    rows.len()
}

#[zp::batch]
fn array(#[chunk(4)] rows: &[u8; 4]) -> usize {
    rows.len()
}

#[zp::batch]
fn element(#[chunk(4)] row: &mut u8, #[each] x: &u8) -> u8 {
    *row + x
}

fn main() {
    vector::over(vec![1]).run();
    array::over(&[1]).run();
    element::over(&mut [1], &[2]).run();
}
