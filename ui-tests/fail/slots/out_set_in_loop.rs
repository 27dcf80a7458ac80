// A loop writes more than once.
fn main() {
    let mut place = 0;
    let out = zp::Out::new(&mut place);
    for n in 0..2 {
        out.set(n);
    }
}
