// Filling makes another value of it.
fn main() {
    let buf = zp::BufferPool::new().get_uninit(8);
    buf.fill(0);
    let full = buf.fill(1);
    println!("{full:?}");
}
