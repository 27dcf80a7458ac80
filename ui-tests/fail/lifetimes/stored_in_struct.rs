// A task that borrows does not outlive what it borrows.
#[zp::task]
fn length(text: &str) -> usize {
    text.len()
}

fn main() {
    let task = {
        let text = String::from("gone");
        length { text: &text }
    };
    zp::scope(|s| s.spawn(task).join());
}
