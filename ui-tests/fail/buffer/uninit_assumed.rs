// The promise that all is written is the caller's, in so many words.
fn main() {
    let buf = zp::BufferPool::new().get_uninit(8);
    let full = buf.assume_init();
    println!("{full:?}");
}
