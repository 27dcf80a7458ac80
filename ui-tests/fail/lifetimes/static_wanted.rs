// A task that wants `'static` data gets no local.
#[zp::task]
fn length(text: &'static str) -> usize {
    text.len()
}

fn main() {
    let text = String::from("local");
    zp::scope(|s| {
        s.spawn(length { text: &text });
    });
}
