// Rule 4: a `PCall` ends with its scope.
fn length(text: &str) -> usize {
    text.len()
}

fn main() {
    let text = String::from("text");
    let call = zp::scope(|s| zp::pcall!(s, length(&text)));
    println!("{}", call.get());
}
