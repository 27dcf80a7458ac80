// An arm is an expression.
fn main() {
    let list = [1, 2];
    zp::join!(let a = list[0], list[1]);
}
