// Rule 2: a task may not borrow what ends before the scope does.
fn main() {
    zp::scope(|s| {
        for i in 0..3 {
            s.spawn(|| println!("{i}"));
        }
    });
}
