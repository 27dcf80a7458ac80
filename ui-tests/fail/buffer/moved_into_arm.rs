// The same for an arm of a join.
fn main() {
    let buf = zp::BufferPool::new().get(8);
    let (vec, ()) = zp::join!(buf.into_vec(), ());
    println!("{} {}", vec.len(), buf.len());
}
