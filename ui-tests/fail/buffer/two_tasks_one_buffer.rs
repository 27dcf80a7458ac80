// Two tasks cannot have one buffer.
fn main() {
    let buf = zp::BufferPool::new().get(8);
    zp::scope(|s| {
        s.spawn(move || buf.len());
        s.spawn(move || buf.into_vec());
    });
}
