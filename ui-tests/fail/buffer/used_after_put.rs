// A buffer given back is the pool's.
fn main() {
    let pool = zp::BufferPool::new();
    let buf = pool.get(8);
    pool.put(buf);
    println!("{}", buf[0]);
}
