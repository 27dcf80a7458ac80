// A result is written once.
fn main() {
    let mut place = 0;
    let out = zp::Out::new(&mut place);
    out.set(1);
    out.set(2);
}
