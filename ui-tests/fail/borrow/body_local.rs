// Rule 2: the same for a variable of the callback.
fn main() {
    zp::scope(|s| {
        let local = String::from("gone");
        s.spawn(|| println!("{local}"));
    });
}
