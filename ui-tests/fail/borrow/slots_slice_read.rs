// While a slice is shared to be written, nobody reads it.
fn main() {
    let mut values = [0; 4];
    let slots = zp::Slots::new(&mut values);
    zp::scope(|s| {
        s.spawn(|| zp::write_indexed!(slots, 0, 1));
        println!("{}", values[0]);
    });
}
