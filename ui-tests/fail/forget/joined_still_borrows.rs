// `join` waits, and the borrow lasts as long as the scope all the same: a scope of its own ends it.
fn main() {
    let mut list = vec![1];
    zp::scope(|s| {
        s.spawn(|| list.push(2)).join();
        list.push(3);
    });
}
