// A slice of a buffer does not survive a change of its length.
fn main() {
    let mut buf = zp::BufferPool::new().get(8);
    let first = &buf[..1];
    buf.resize(4);
    println!("{first:?}");
}
