// The bytes are taken out once.
fn main() {
    let buf = zp::BufferPool::new().get(8);
    let first = buf.into_vec();
    let second = buf.into_vec();
    println!("{}", first.len() + second.len());
}
