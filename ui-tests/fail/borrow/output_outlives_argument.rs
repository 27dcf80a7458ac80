// An output that borrows from an argument lives no longer than that.
#[zp::task]
fn first(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

fn main() {
    let word = {
        let text = String::from("gone away");
        zp::scope(|s| s.spawn(first { text: &text }).join())
    };
    println!("{word}");
}
