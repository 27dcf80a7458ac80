// A place for one result is not copied.
fn main() {
    let mut place = 0;
    let out = zp::Out::new(&mut place);
    let again = out.clone();
    out.set(1);
    again.set(2);
}
