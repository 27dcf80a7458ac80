// A const generic is what the function says.
#[zp::task]
fn first<const N: usize>(items: [u8; N]) -> u8 {
    items[0]
}

fn main() {
    let _ = first::<3>::new([1, 2]);
    let _ = first::<"3">::new([1, 2, 3]);
}
