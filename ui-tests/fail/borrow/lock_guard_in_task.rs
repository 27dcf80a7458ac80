// Rule 10: a lock is released by the thread that took it.
use std::sync::Mutex;

fn main() {
    let lock = Mutex::new(1);
    let guard = lock.lock().unwrap();
    zp::scope(|s| {
        s.spawn(move || *guard);
    });
}
