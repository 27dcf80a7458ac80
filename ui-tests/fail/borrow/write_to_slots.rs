// Each of the two macros names what it expected.
fn main() {
    let mut values = [0; 4];
    zp::write!(zp::Slots::new(&mut values), 1);
    zp::write_indexed!(zp::Out::new(&mut values), 0, 1);
    zp::write_indexed!(values, 0, 1);
}
