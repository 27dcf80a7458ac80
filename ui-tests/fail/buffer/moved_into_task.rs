// A buffer that a task was given is the task's.
fn main() {
    let mut buf = zp::BufferPool::new().get(8);
    zp::scope(|s| {
        s.spawn(move || buf[0] = 1);
    });
    println!("{}", buf[0]);
}
