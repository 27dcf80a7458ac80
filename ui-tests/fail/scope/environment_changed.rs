// What tasks borrow does not change before the scope ends.
fn main() {
    let mut limit = 1;
    zp::scope(|s| {
        let handle = s.spawn(|| limit + 1);
        limit = 5;
        handle.join();
    });
}
