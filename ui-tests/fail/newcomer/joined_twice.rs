// The same by `join`.
fn main() {
    zp::scope(|s| {
        let handle = s.spawn(|| 1);
        println!("{}", handle.join() + handle.join());
    });
}
