// Dropping a handle ends nothing either: it does not wait.
fn main() {
    let mut list = vec![1];
    zp::scope(|s| {
        drop(s.spawn(|| list.push(2)));
        list.push(3);
    });
}
