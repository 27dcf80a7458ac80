// A task cannot return a view of what it made.
#[zp::task]
fn make(n: usize) -> &'static [u8] {
    let bytes = vec![0; n];
    &bytes
}

fn main() {
    zp::scope(|s| {
        s.spawn(|| {
            let text = String::from("gone");
            text.as_str()
        });
    });
}
