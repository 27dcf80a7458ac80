// A named lifetime means what it says.
#[zp::task]
fn pick<'a>(a: &'a str, b: &'a str) -> &'a str {
    if a.len() > b.len() { a } else { b }
}

fn main() {
    let a = String::from("a");
    let longer = {
        let b = String::from("b");
        zp::scope(|s| s.spawn(pick { a: &a, b: &b }).join())
    };
    println!("{longer}");
}
