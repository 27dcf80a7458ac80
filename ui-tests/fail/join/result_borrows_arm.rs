fn main() {
    let _ = zp::join!({ let text = String::new(); &*text.leak() }, 1);
    let (text, _) = zp::join!({ let text = String::new(); &text[..] }, 1);
    println!("{text}");
}
