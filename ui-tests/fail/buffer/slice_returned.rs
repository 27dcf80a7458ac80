// A function cannot return a view of its own buffer.
fn header(pool: &zp::BufferPool) -> &[u8] {
    let buf = pool.get(8);
    &buf[..4]
}

fn main() {
    header(&zp::BufferPool::new());
}
