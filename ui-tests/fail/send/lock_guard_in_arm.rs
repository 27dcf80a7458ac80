// A lock is released by the thread that took it, whether or not the guard is moved.
use std::sync::Mutex;

fn main() {
    let lock = Mutex::new(vec![1]);
    let guard = lock.lock().unwrap();
    let (first, length) = zp::join!({ drop(guard) }, 1);
    println!("{first:?} {length}");
}
