// Rule 2: what an outer scope runs outlives what was declared inside it.
fn main() {
    zp::scope(|outer| {
        let local = 1;
        zp::scope(|inner| {
            inner.spawn(|| {
                outer.spawn(|| println!("{local}"));
            });
        });
    });
}
