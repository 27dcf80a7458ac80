// Only buffers go back.
fn main() {
    let pool = zp::BufferPool::new();
    pool.put(vec![0; 8]);
}
