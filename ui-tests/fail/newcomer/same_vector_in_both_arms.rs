// Two arms cannot change one vector.
fn main() {
    let mut list = vec![3, 1, 2];
    zp::join!(list.sort(), list.reverse());
}
