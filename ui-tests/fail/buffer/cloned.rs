// A buffer has one owner; its bytes can be copied.
fn main() {
    let buf = zp::BufferPool::new().get(8);
    let other = buf.clone();
    println!("{}", buf.len() + other.len());
}
