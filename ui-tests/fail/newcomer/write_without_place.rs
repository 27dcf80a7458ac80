// `write!` takes a place for one result, `write_indexed!` a number too.
fn main() {
    let mut out = 0;
    zp::write!(out, 1);
    zp::write!(&mut out, 1);
    zp::write!(1);
}
