// What was borrowed from a buffer ends before the buffer goes back.
fn main() {
    let pool = zp::BufferPool::new();
    let mut buf = pool.get(8);
    let bytes = &mut buf[..4];
    pool.put(buf);
    bytes[0] = 1;
}
