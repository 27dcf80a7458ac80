// The function joins closures; the macro joins expressions.
fn f(x: u8) -> u8 {
    x
}

fn main() {
    let (a, b) = zp::join(f(1), f(2));
    println!("{a} {b}");
}
