// Rule 1: forgetting a handle frees nothing: the borrow lasts as long as the scope.
fn main() {
    let mut list = vec![1];
    zp::scope(|s| {
        let handle = s.spawn(|| list.push(2));
        std::mem::forget(handle);
        list.push(3);
    });
}
