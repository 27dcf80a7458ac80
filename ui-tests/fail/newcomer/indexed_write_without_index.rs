// `write_indexed!` takes the slots, the index and the value.
fn main() {
    let mut values = [0; 4];
    let slots = zp::Slots::new(&mut values);
    zp::write_indexed!(slots, 1);
    zp::write_indexed!(slots, "0", 1);
    zp::write_indexed!(slots, 0, "1");
}
