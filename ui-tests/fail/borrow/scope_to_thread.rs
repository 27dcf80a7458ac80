// Rule 2: the scope ends with its callback, whatever other threads there are.
fn main() {
    zp::scope(|s| {
        std::thread::spawn(move || {
            s.spawn(|| ());
        });
    });
}
