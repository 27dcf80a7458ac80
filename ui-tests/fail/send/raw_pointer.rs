// A raw pointer says nothing about threads.
fn main() {
    let mut n = 1;
    let pointer = &raw mut n;
    zp::scope(|s| {
        s.spawn(move || pointer.is_null());
    });
}
