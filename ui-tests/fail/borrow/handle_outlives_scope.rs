// Rule 1: nothing of a scope is left when it has ended.
fn main() {
    let handle = zp::scope(|s| s.spawn(|| 1));
    println!("{}", handle.join());
}
