// A cancelled task may be running: its borrow lasts as long as the scope.
fn main() {
    let mut list = vec![1];
    zp::scope(|s| {
        let handle = s.spawn(|| list.push(2));
        handle.cancel();
        list.push(3);
    });
}
