// With a closure in the arm the tokens alone do not tell whose `return` it is; the types do.
fn f(texts: &[&str]) -> usize {
    let (a, b) = zp::join!(
        {
            if texts.iter().any(|text| text.is_empty()) {
                return 0;
            }
            texts.len()
        },
        1
    );
    a + b
}

fn g(texts: &[&str]) {
    zp::join!(
        {
            if texts.iter().any(|text| text.is_empty()) {
                return;
            }
        },
        1
    );
}

fn main() {
    f(&[]);
    g(&[]);
}
