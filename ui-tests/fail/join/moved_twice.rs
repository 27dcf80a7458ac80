fn main() {
    let text = String::new();
    let _ = zp::join!({ drop(text) }, { drop(text) });
    let other = String::new();
    let _ = zp::join!({ drop(other) }, 1);
    println!("{other}");
}
