// A slice is shared once at a time: two sets of claims would let two writers in.
fn main() {
    let mut values = [0; 4];
    let slots = zp::Slots::new(&mut values);
    let again = zp::Slots::new(&mut values);
    zp::write_indexed!(slots, 0, 1);
    zp::write_indexed!(again, 0, 1);
}
