fn main() {
    let mut list = vec![1];
    zp::join!(list.push(2), list.push(3));
    let (n, ()) = zp::join!(list.len(), list.clear());
    let _ = n;
}
