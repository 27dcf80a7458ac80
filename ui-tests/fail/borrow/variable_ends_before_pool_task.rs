// Rule 1: a task of the pool outlives every frame, so it borrows from none.
#[zp::task]
fn length(text: &str) -> usize {
    text.len()
}

fn main() {
    let text = String::from("gone");
    let handle = zp::spawn(length { text: &text });
    let other = zp::spawn(|| text.len());
    let _ = (handle.wait(), other.wait());
}
