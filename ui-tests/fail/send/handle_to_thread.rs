// What a task returns is taken on the thread that may have it.
use std::rc::Rc;

fn main() {
    let name = Rc::new(1);
    let handle = zp::spawn(|| 1);
    std::thread::spawn(move || (handle.wait(), name));
}
