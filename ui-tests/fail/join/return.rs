fn f(n: u8) -> u8 {
    let (a, b) = zp::join!(if n > 1 { return 0 } else { n }, 1);
    a + b
}

fn g(n: u8) {
    zp::join!({ if n > 1 { return } }, ());
}

fn main() {
    f(1);
    g(1);
}
