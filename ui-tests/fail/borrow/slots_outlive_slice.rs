// A shared slice of results ends before the slice does.
fn main() {
    let slots;
    {
        let mut values = vec![0; 4];
        slots = zp::Slots::new(&mut values);
    }
    zp::write_indexed!(slots, 0, 1);
}
