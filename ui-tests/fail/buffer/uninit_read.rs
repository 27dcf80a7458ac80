// Bytes that nobody has written cannot be read.
fn main() {
    let buf = zp::BufferPool::new().get_uninit(8);
    println!("{}", buf[0]);
    let bytes: &[u8] = &buf;
    println!("{bytes:?}");
}
