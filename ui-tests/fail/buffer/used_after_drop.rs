// The same, by `drop`.
fn main() {
    let mut buf = zp::BufferPool::new().get(8);
    drop(buf);
    buf[0] = 1;
}
