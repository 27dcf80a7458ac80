// An arm is not an item.
fn main() {
    zp::join!(fn f() {}, 1);
}
